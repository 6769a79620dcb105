// What an interviewer's phone keeps of the batches that were opened on it:
// {key, round, title, unit, cell, label, address, cases: [{number, code, used, visits, outcome}], told}
// ``told`` is the report that the server has; no day and no hour is kept.
var batchBase = null;

function openBatches() {
  batchBase = batchBase || new Promise(function (resolve, reject) {
    var request = indexedDB.open("hailong-batches", 1);
    request.onupgradeneeded = function () { request.result.createObjectStore("batches", { keyPath: "key" }); };
    request.onsuccess = function () { resolve(request.result); };
    request.onerror = function () { reject(request.error); };
  });
  return batchBase;
}
function withBatches(mode, work) {
  return openBatches().then(function (opened) {
    return new Promise(function (resolve, reject) {
      var transaction = opened.transaction("batches", mode), result;
      work(transaction.objectStore("batches"), function (value) { result = value; });
      transaction.oncomplete = function () { resolve(result); };
      transaction.onabort = transaction.onerror = function () { reject(transaction.error); };
    });
  });
}
function allBatches() {
  return withBatches("readonly", function (batches, found) {
    batches.getAll().onsuccess = function (event) { found(event.target.result); };
  });
}
// Takes a batch as the server tells it; what was noted on this phone stays.
function takeBatch(key, told) {
  return withBatches("readwrite", function (batches) {
    batches.get(key).onsuccess = function (event) {
      var before = event.target.result;
      told.key = key;
      told.told = before ? before.told : "";
      told.cases.forEach(function (one, place) {
        var noted = before ? before.cases[place] : {};
        one.visits = noted.visits || 0;
        one.outcome = noted.outcome || "";
      });
      batches.put(told);
    };
  });
}
// Changes one case, or what the server was told, in one step.
function changeBatch(key, change) {
  return withBatches("readwrite", function (batches) {
    batches.get(key).onsuccess = function (event) {
      change(event.target.result);
      batches.put(event.target.result);
    };
  });
}
