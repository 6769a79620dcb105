// What this phone keeps of a form, so that no answer is lost: one record for each code.
// {id, code, places, key, fields: {name: {values, stamp}}, clock, topic, asked, times, state, body, receipt}
// A stamp counts the changes of a form; of two answers to one field the later stamp holds, in
// two views of one form as in two phones.
var base = null;

function openBase() {
  base = base || new Promise(function (resolve, reject) {
    var request = indexedDB.open("hailong", 1);
    request.onupgradeneeded = function () {
      request.result.createObjectStore("forms", { keyPath: "id" })
        .createIndex("places", "places", { multiEntry: true });
    };
    request.onsuccess = function () { resolve(request.result); };
    request.onerror = function () { reject(request.error); };
  });
  return base;
}
// One transaction; ``work`` gets the store and a function that takes what is to be returned.
function within(mode, work) {
  return openBase().then(function (opened) {
    return new Promise(function (resolve, reject) {
      var transaction = opened.transaction("forms", mode, { durability: "strict" }), result;
      work(transaction.objectStore("forms"), function (value) { result = value; });
      transaction.oncomplete = function () { resolve(result); };
      transaction.onabort = transaction.onerror = function () { reject(transaction.error); };
    });
  });
}
function recordOf(id) {
  return within("readonly", function (forms, found) {
    forms.get(id).onsuccess = function (event) { found(event.target.result); };
  });
}
function recordAt(place) {
  return within("readonly", function (forms, found) {
    forms.index("places").get(place).onsuccess = function (event) { found(event.target.result); };
  });
}
function waiting() {
  return inState("waiting");
}
function inState(state) {
  return within("readonly", function (forms, found) {
    forms.getAll().onsuccess = function (event) {
      found(event.target.result.filter(function (one) { return one.state === state; }));
    };
  });
}
function forget(id) {
  return within("readwrite", function (forms) { forms.delete(id); });
}

// Takes the later answers of another record into this one; returns the names that changed.
function merge(mine, other) {
  var changed = Object.keys(other.fields).filter(function (name) {
    var here = mine.fields[name], there = other.fields[name];
    if (here && (here.stamp > there.stamp ||
      (here.stamp === there.stamp && JSON.stringify(here.values) >= JSON.stringify(there.values)))) return false;
    mine.fields[name] = there;
    return true;
  });
  // Nobody has measured the whole of a form that was answered in two places.
  if (changed.length) mine.times = null;
  mine.clock = Math.max(mine.clock, other.clock);
  return changed;
}
// Takes in what another view of the same form has kept since; returns the names that changed.
function takeIn(mine, there) {
  var changed = merge(mine, there);
  mine.key = there.key;
  // A form that was refused may be looked at again and sent again; one on its way may not.
  if (there.state === "sent" || there.state === "waiting") {
    mine.state = there.state;
    mine.receipt = there.receipt;
  }
  there.places.forEach(function (place) {
    if (mine.places.indexOf(place) < 0) mine.places.push(place);
  });
  return changed;
}
function keep(mine) {
  return within("readwrite", function (forms, changed) {
    forms.get(mine.id).onsuccess = function (event) {
      if (event.target.result) changed(takeIn(mine, event.target.result));
      forms.put(mine);
    };
  });
}
// What is left of a form after the server has answered: of a counted one the receipt alone.
function settled(record, outcome) {
  return within("readwrite", function (forms) {
    // A form without a place is nobody's page: a tablet has sent it for somebody who has left. Of
    // one that was refused staff are told that it was.
    if (!record.places.length) {
      if (outcome.state === "refused") forms.put({ id: record.id, places: [], state: "refused" });
      else forms.delete(record.id);
    } else if (outcome.state === "sent") {
      forms.put({
        id: record.id, code: record.code, places: record.places, key: record.key, fields: {}, clock: 0,
        state: "sent", receipt: outcome.receipt
      });
    } else {
      record.state = outcome.state;
      record.message = outcome.message;
      forms.put(record);
    }
  });
}
