// The link itself resumes: a copy of the unfinished form lies with the server, sealed here with a
// key made from the code, so that it can be read by whoever holds the code and by nobody else.
var PADDED = 4096, drafts = true, drafting = null, drafted = 0, draftTimer = 0;

function draftKey() {
  var bytes = new TextEncoder().encode(plainCode()), label = new TextEncoder().encode("hailong draft v1");
  return crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveKey"]).then(function (secret) {
    return crypto.subtle.deriveKey(
      { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: label },
      secret, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]
    );
  });
}
// Padded, so that its length says nothing: four bytes of length, the text, zeros.
function sealed() {
  var text = new TextEncoder().encode(JSON.stringify({
    key: record.key, fields: record.fields, clock: record.clock, topic: record.topic, asked: record.asked
  }));
  var framed = new Uint8Array(Math.ceil((4 + text.length) / PADDED) * PADDED);
  new DataView(framed.buffer).setUint32(0, text.length);
  framed.set(text, 4);
  var start = crypto.getRandomValues(new Uint8Array(12));
  return draftKey().then(function (key) {
    return crypto.subtle.encrypt({ name: "AES-GCM", iv: start }, key, framed);
  }).then(function (cipher) {
    var whole = "";
    [start, new Uint8Array(cipher)].forEach(function (part) {
      part.forEach(function (byte) { whole += String.fromCharCode(byte); });
    });
    return btoa(whole).replace(/\+/g, "-").replace(/[/]/g, "_").replace(/=/g, "");
  });
}
function unsealed(text) {
  var bytes = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), function (letter) {
    return letter.charCodeAt(0);
  });
  return draftKey().then(function (key) {
    return crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes.slice(0, 12) }, key, bytes.slice(12));
  }).then(function (plain) {
    var length = new DataView(plain).getUint32(0);
    return JSON.parse(new TextDecoder().decode(new Uint8Array(plain, 4, length)));
  });
}
function ask(method, path, fields) {
  return fetch(location.pathname + path, {
    method: method, credentials: "same-origin", keepalive: true,
    headers: { "Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(fields).toString()
  });
}
// Takes a copy in: the later answer to each question holds, and one key sends for all views.
function adopt(said) {
  record.draft = said.version;
  return unsealed(said.sealed).then(function (copy) {
    record.key = copy.key;
    var changed = merge(record, copy), fresh = current === topics[0];
    putBack(changed);
    if (changed.length && fresh && copy.topic) {
      asked = copy.asked;
      resume(copy.topic);
    }
    return save();
  });
}
function readDraft() {
  if (!code || !drafts) return Promise.resolve();
  return ask("POST", "/draft/read", { code: code }).then(function (answer) {
    return answer.status === 200 ? answer.json().then(adopt) : undefined;
  }).catch(function () { /* no network: the phone's own record is enough */ });
}
function saveDraft() {
  clearTimeout(draftTimer);
  if (!code || !drafts || drafting || record.state !== "open" || drafted === record.clock) return;
  var clock = record.clock;
  drafting = sealed().then(function (text) {
    return ask("PUT", "/draft", { code: code, sealed: text, base: record.draft });
  }).then(function (answer) {
    if (answer.status === 409) return answer.json().then(function (said) {
      // Without a copy it is the code that is no longer open; sending will say so.
      if (!said.sealed) { drafts = false; return undefined; }
      return adopt(said).then(function () { soonDraft(1); });
    });
    if (answer.ok) return answer.json().then(function (said) {
      record.draft = said.version;
      drafted = clock;
    });
    drafts = answer.status === 429 || answer.status >= 500;
    return undefined;
  }).catch(function () {}).then(function () { drafting = null; });
}
function soonDraft(seconds) {
  clearTimeout(draftTimer);
  draftTimer = setTimeout(saveDraft, 1000 * seconds);
}
