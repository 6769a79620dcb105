// The list itself: opened by a link with a key, drawn from what the phone keeps, sent when it can be.
var PAGES = "hailong-pages", RESEND = 30, busy = false, shown = "", lang = document.documentElement.lang;

function one(id) {
  return document.getElementById(id);
}
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, function (whole, name) { return values[name]; });
}
function say(words) {
  one("said").textContent = words || "";
  one("said").hidden = !words;
}

// The key stands behind the # once; then the phone has the batch and the bar is clear.
function openLink() {
  var key = location.hash.slice(1);
  if (!/^\w{4}(-?\w{4}){3}-?\w$/.test(key)) return Promise.resolve();
  return load(key).then(function () {
    history.replaceState(null, "", location.pathname + location.search);
  });
}
function load(key) {
  return ask("/i/cases", [["key", key]]).then(function (answer) {
    return answer.json().then(function (said) {
      if (!answer.ok) { say(said.message); return undefined; }
      return takeBatch(key, said).then(function () { return holdPages(said.address); });
    });
  }).catch(function () { say(one("said").dataset.offline); });
}
// The list and the questionnaires, in every language, for a time without network.
function holdPages(form) {
  if (!navigator.serviceWorker || !window.caches) return undefined;
  var addresses = ["/i/"];
  Array.prototype.forEach.call(document.querySelectorAll("[hreflang]"), function (link) {
    addresses.push("/i/?lang=" + link.hreflang, form + "?lang=" + link.hreflang);
  });
  return navigator.serviceWorker.register("/i/sw.js", { scope: "/i/" }).then(function () {
    return caches.open(PAGES);
  }).then(function (pages) {
    return Promise.all(addresses.map(function (address) {
      return fetch(address).then(function (answer) { if (answer.ok) return pages.put(address, answer); return undefined; });
    }));
  });
}

// Drawn anew only where something has changed.
function draw() {
  return Promise.all([allBatches(), allForms()]).then(function (both) {
    var box = one("batches"), look = JSON.stringify(both), open = {};
    if (look === shown) return;
    shown = look;
    Array.prototype.forEach.call(box.querySelectorAll("details[open]"), function (it) {
      var noted = it.querySelector("form").elements;
      open[it.id] = { visits: noted.visits.value, outcome: noted.outcome.value };
    });
    box.textContent = "";
    both[0].forEach(function (batch) { box.appendChild(batchOf(batch, both[1], open)); });
    if (!both[0].length && one("said").hidden) say(one("said").dataset.none);
    var unsent = both[0].reduce(function (sum, batch) {
      return sum + batch.cases.filter(function (it) { return stateOf(it, both[1]) === "waiting"; }).length +
        (reportOf(batch, both[1]).join(" ") === batch.told ? 0 : 1);
    }, 0);
    var note = one("sending");
    note.hidden = !both[0].length;
    note.firstElementChild.textContent = unsent ? fill(note.dataset.some, { n: unsent }) : note.dataset.all;
    one("send").hidden = !unsent;
  });
}
function batchOf(batch, forms, open) {
  var made = one("a-batch").content.cloneNode(true), tally = made.querySelector(".tally");
  var counts = { todo: 0, begun: 0, waiting: 0, sent: 0, ended: 0 };
  made.querySelector("h2").textContent = batch.unit;
  made.querySelector(".where").textContent = [batch.title[lang] || batch.title.vi, batch.cell, batch.label].join(" · ");
  batch.cases.forEach(function (it) {
    var state = stateOf(it, forms);
    counts[{ used: "sent", refused: "ended" }[state] || state] += 1;
    made.querySelector(".cases").appendChild(caseOf(batch, it, state, forms[plain(it.code)] || {}, open));
  });
  tally.textContent = fill(tally.dataset.text, counts);
  return made;
}
function caseOf(batch, it, state, form, open) {
  var made = one("a-case").content.cloneNode(true), row = made.querySelector("li"), box = made.querySelector("details");
  var name = made.querySelector("b"), badge = made.querySelector(".state"), noted = made.querySelector("form");
  row.className = state;
  box.id = "case-" + plain(it.code);
  name.textContent = fill(name.dataset.text, { n: it.number });
  var chosen = noted.querySelector('[value="' + it.outcome + '"]');
  badge.textContent = state === "ended" ? chosen.dataset.words : badge.dataset[state];
  chosen.checked = true;
  noted.elements.visits.value = Math.max(1, it.visits);
  // What is being noted stays when something else has changed the list.
  if (open[box.id]) {
    box.open = true;
    noted.elements.visits.value = open[box.id].visits;
    noted.elements.outcome.value = open[box.id].outcome;
  }
  showMore(made, form, state);
  var link = made.querySelector("a");
  link.textContent = link.dataset[state === "begun" ? "continue" : "begin"];
  link.href = batch.address + "?lang=" + lang + "#" + it.code;
  link.addEventListener("click", function (event) {
    event.preventDefault();
    try { sessionStorage.setItem("unit", batch.unit); } catch (error) { /* not needed */ }
    note(batch.key, it.number, Math.max(1, it.visits), "").then(function () { location.assign(link.href); });
  });
  noted.addEventListener("submit", function (event) {
    event.preventDefault();
    note(batch.key, it.number, Number(noted.elements.visits.value), noted.elements.outcome.value).then(function () {
      return draw();
    }).then(function () {
      var again = one(box.id).querySelector(".saved");
      again.textContent = again.dataset.text;
      one(box.id).querySelector("[type=submit]").focus();
      deliver();
    });
  });
  return made;
}
// A case that is finished can be opened no more; one that was sent shows its receipt.
function showMore(made, form, state) {
  var line = made.querySelector(".receipt-line"), problem = made.querySelector(".problem");
  var over = state !== "todo" && state !== "begun" && state !== "ended";
  if (form.receipt) { line.textContent = fill(line.dataset.text, { receipt: form.receipt }); line.hidden = false; }
  if (state === "refused") { problem.textContent = form.message; problem.hidden = false; }
  made.querySelector("a").parentNode.hidden = over;
  made.querySelector("fieldset").hidden = over && state !== "refused";
}
function note(key, number, visits, outcome) {
  return changeBatch(key, function (batch) {
    batch.cases[number - 1].visits = visits;
    batch.cases[number - 1].outcome = outcome;
  });
}

// Finished forms first, then the counts.
function deliver() {
  if (busy) return;
  busy = true;
  waiting().then(function (records) {
    return Promise.all(records.map(function (record) {
      return send(record).then(function (outcome) {
        return outcome.state === "waiting" ? undefined : settled(record, outcome);
      });
    }));
  }).then(function () { return Promise.all([allBatches(), allForms()]); }).then(function (both) {
    return Promise.all(both[0].map(function (batch) { return tell(batch, both[1]); }));
  }).catch(function () {}).then(function () { busy = false; return draw(); });
}

document.addEventListener("DOMContentLoaded", function () {
  if (!window.isSecureContext || !window.indexedDB) { say(one("said").dataset.insecure); return; }
  one("send").addEventListener("click", deliver);
  window.addEventListener("online", deliver);
  window.addEventListener("pageshow", function (event) { if (event.persisted) deliver(); });
  document.addEventListener("visibilitychange", function () { if (document.visibilityState === "visible") deliver(); });
  setInterval(deliver, 1000 * RESEND);
  openLink().then(draw).then(deliver);
});
