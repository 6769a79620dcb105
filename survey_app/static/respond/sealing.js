// A finished form on a device that is not the respondent's own: sealed to the key of the server
// before it is kept, so that nothing on the device opens it again (services/sealed_forms.py).
function sealForm(text) {
  var bytes = new TextEncoder().encode(text), curve = { name: "ECDH", namedCurve: "P-256" };
  var framed = new Uint8Array(Math.ceil((4 + bytes.length) / 4096) * 4096), point;
  new DataView(framed.buffer).setUint32(0, bytes.length);
  framed.set(bytes, 4);
  var nonce = crypto.getRandomValues(new Uint8Array(12));
  return Promise.all([
    crypto.subtle.importKey("raw", bytesOf(root.dataset.seal), curve, false, []),
    crypto.subtle.generateKey(curve, false, ["deriveBits"])
  ]).then(function (keys) {
    return Promise.all([
      crypto.subtle.exportKey("raw", keys[1].publicKey),
      crypto.subtle.deriveBits({ name: "ECDH", public: keys[0] }, keys[1].privateKey, 256)
    ]);
  }).then(function (made) {
    point = new Uint8Array(made[0]);
    return crypto.subtle.importKey("raw", made[1], "HKDF", false, ["deriveKey"]);
  }).then(function (shared) {
    return crypto.subtle.deriveKey(
      { name: "HKDF", hash: "SHA-256", salt: point, info: new TextEncoder().encode("hailong form v1") },
      shared, { name: "AES-GCM", length: 256 }, false, ["encrypt"]
    );
  }).then(function (key) {
    return crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, framed);
  }).then(function (cipher) {
    return lettersOf([point, nonce, new Uint8Array(cipher)]);
  });
}
function bytesOf(text) {
  return Uint8Array.from(atob(text), function (letter) { return letter.charCodeAt(0); });
}
function lettersOf(parts) {
  var whole = "";
  parts.forEach(function (part) {
    part.forEach(function (byte) { whole += String.fromCharCode(byte); });
  });
  return btoa(whole).replace(/\+/g, "-").replace(/[/]/g, "_").replace(/=/g, "");
}
// Kept before it is sent. What is kept counts without what cannot be taken (nobody will be there
// to mend it); what this page sends meanwhile is answered to the one who is still here.
function sealUp() {
  if (!window.crypto.subtle) { kept = false; return Promise.resolve(); }
  // Fields as JSON, not as a body: of Vietnamese text a body would be three times as long.
  return sealForm(JSON.stringify(Array.from(new URLSearchParams(record.body)))).then(function (letters) {
    record.body = "sealed=" + letters;
    var row = Object.assign({}, record, { fields: {}, clock: 0, body: record.body + "&unattended=1" });
    if (!record.places.length) row.code = row.unit = "";
    return within("readwrite", function (forms) { forms.put(row); });
  }).catch(function () { kept = false; });
}
