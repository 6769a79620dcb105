// A tablet at a counter, used by one person after the other. Answers stand in this page alone: the
// page is left for the start after the receipt, after a time without a touch, by reload and by
// back. A finished form that has no network is kept sealed and leaves from the start page.
var START = "/k/", LINGER = 20, seen = "open";

drafts = false;
// The start page leaves the name of the unit for this one form.
try {
  unit = sessionStorage.getItem("unit") || "";
  sessionStorage.removeItem("unit");
} catch (error) { /* other words stand there */ }
device.worker = START + "sw.js";
device.scope = START;
device.keep = function () { return Promise.resolve(); };
device.mark = function () {};
device.post = sealUp;
device.settle = function (outcome) {
  forget(record.id).catch(function () {});
  if (outcome.state === "sent") empty();
};
device.returned = function () {
  guard();
  if (record && record.state === "open") back();
};
device.start = function () {
  if (!code) { leave(); return; }
  record = newRecord();
  record.id = newKey();
  record.places = [];
  kept = true;
  outbox();
  holdPage();
  guard();
  awake();
  setInterval(tick, 1000);
};
function tick() {
  if (!record) return;
  var finished = record.state === "sent" || record.state === "waiting";
  if (record.state !== seen && record.state !== "open") stay(finished ? LINGER : patience + WARNING);
  seen = record.state;
  one("leaving").hidden = !finished;
  countDown(!finished, leave);
}
function leave() {
  empty();
  root.className = "js away";
  record = null;
  location.replace(START);
}
// One entry of the history more than the page, so that "back" stays here.
function guard() {
  if (!history.state || !history.state.guard) history.pushState({ guard: true }, "");
}

onTouch(function (asked) {
  guard();
  if (asked) return;
  if (record && record.state === "open") awake();
  tick();
});
window.addEventListener("contextmenu", function (event) { event.preventDefault(); });
window.addEventListener("pagehide", function () { if (form) empty(); });
window.addEventListener("pageshow", function (event) { if (event.persisted) leave(); });
document.addEventListener("click", function (event) {
  if (event.target.id === "done" || event.target.id === "give-up") leave();
  else if (event.target.id === "longer") stay(LINGER);
  else if (event.target.closest("#idle")) { awake(); tick(); }
});
// Whoever switches the screen on again must not see what the one before had written.
document.addEventListener("visibilitychange", function () {
  root.classList.toggle("away", document.visibilityState === "hidden");
  tick();
});
