// An interviewer's phone: the form of one assigned case. A finished one is sealed to the server, and
// nobody can look at it here again. An unfinished one rests sealed to a key that this browser holds and
// hands to nobody: what is copied from the phone's storage shows no answer, the list goes on with it.
drafts = device.timed = false;
device.worker = "/i/sw.js";
device.scope = "/i/";
device.look = function (id) { return recordOf(id).then(awaken); };
device.keep = keepAtRest;
device.post = sealUp;
device.start = function () {
  if (code) remember();
  else location.replace("/i/");
};
device.settle = function (outcome) {
  if (outcome.state === "sent") {
    settled(record, outcome).catch(function () {});
    empty();
    return;
  }
  // What was refused stays as it lies here, sealed to the server; what is to be mended is kept anew.
  within("readwrite", function (forms) {
    forms.get(record.id).onsuccess = function (event) {
      forms.put(Object.assign(event.target.result, { state: outcome.state, message: outcome.message }));
    };
  }).then(function () { if (outcome.state === "open") save(); }).catch(function () {});
};
// All cases share the address of the page, so a reload finds its case by what this tab knows.
// The list leaves the name of the unit here too.
try {
  unit = sessionStorage.getItem("unit") || "";
  if (location.hash.length > 1) sessionStorage.setItem("case", location.hash);
  else history.replaceState(history.state, "", location.href + (sessionStorage.getItem("case") || ""));
} catch (error) { /* the list leads here again */ }

var restKey = null;

function openKeys() {
  return new Promise(function (resolve, reject) {
    var request = indexedDB.open("hailong-rest", 1);
    request.onupgradeneeded = function () { request.result.createObjectStore("keys"); };
    request.onsuccess = function () { resolve(request.result); };
    request.onerror = function () { reject(request.error); };
  });
}
// The key of this phone: made once, not extractable, so that no script can read its bytes.
function keyAtRest() {
  restKey = restKey || Promise.all([
    openKeys(),
    crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"])
  ]).then(function (both) {
    return new Promise(function (resolve, reject) {
      var transaction = both[0].transaction("keys", "readwrite"), keys = transaction.objectStore("keys"), key = both[1];
      keys.get("rest").onsuccess = function (event) {
        if (event.target.result) key = event.target.result;
        else keys.put(key, "rest");
      };
      transaction.oncomplete = function () { resolve(key); };
      transaction.onabort = transaction.onerror = function () { reject(transaction.error); };
    });
  });
  return restKey;
}
// Padded, so that its length says nothing: JSON takes blanks behind it.
function atRest(mine) {
  var text = JSON.stringify({ fields: mine.fields, topic: mine.topic, asked: mine.asked });
  var bytes = new TextEncoder().encode(text), padded = new Uint8Array(Math.ceil(bytes.length / 4096) * 4096).fill(32);
  var nonce = crypto.getRandomValues(new Uint8Array(12));
  padded.set(bytes);
  return keyAtRest().then(function (key) {
    return crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, padded);
  }).then(function (cipher) {
    return Object.assign({}, mine, { fields: {}, topic: "", asked: [], body: "", rest: { nonce: nonce, cipher: cipher } });
  });
}
// A form whose key is gone begins anew.
function awaken(row) {
  if (!row || !row.rest) return row;
  return keyAtRest().then(function (key) {
    return crypto.subtle.decrypt({ name: "AES-GCM", iv: row.rest.nonce }, key, row.rest.cipher);
  }).then(function (bytes) {
    return Object.assign(row, JSON.parse(new TextDecoder().decode(bytes)));
  }, function () { row.clock = 0; return row; }).then(function (found) {
    delete found.rest;
    return found;
  });
}
// As `keep`, but sealing takes longer than a transaction lasts: whoever finds that another view has
// written in the meantime takes that in and seals again.
function keepAtRest(mine) {
  var turn = mine.turn || 0;
  if (mine.state !== "open") return Promise.resolve([]);
  return atRest(Object.assign({}, mine, { turn: turn + 1 })).then(function (row) {
    return within("readwrite", function (forms, written) {
      forms.get(mine.id).onsuccess = function (event) {
        var there = event.target.result;
        if (there && ((there.turn || 0) !== turn || /sent|waiting/.test(there.state))) return;
        mine.turn = row.turn;
        forms.put(row);
        written(true);
      };
    });
  }).then(function (written) {
    return written ? [] : device.look(mine.id).then(function (there) {
      var changed = takeIn(mine, there);
      mine.turn = there.turn || 0;
      if (mine.state !== "open") return changed;
      return keepAtRest(mine).then(function (more) { return changed.concat(more); });
    });
  });
}
