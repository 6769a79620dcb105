// A tablet at a counter, used by one person after the other. Answers stand in this page alone: the
// page is left for the start after the receipt, after a time without a touch, by reload and by
// back. A finished form that has no network is kept sealed and leaves from the start page.
var START = "/k/", IDLE = 60, WARNING = 20, LINGER = 20, ends = 0, seen = "open";

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
  stay(IDLE + WARNING);
  setInterval(tick, 1000);
};
function stay(seconds) {
  ends = Date.now() + 1000 * seconds;
}
function active(event) {
  guard();
  if (event.target.closest && event.target.closest("#idle")) return;
  if (record && record.state === "open") stay(IDLE + WARNING);
  tick();
}
function tick() {
  if (!record) return;
  var finished = record.state === "sent" || record.state === "waiting";
  if (record.state !== seen && record.state !== "open") stay(finished ? LINGER : IDLE + WARNING);
  seen = record.state;
  var left = Math.ceil((ends - Date.now()) / 1000);
  if (left <= 0) { leave(); return; }
  one("leaving").hidden = !finished;
  warn(!finished && left <= WARNING);
  all("[data-left]").forEach(function (note) { note.textContent = fill(note.dataset.left, { n: left }); });
}
// The question whether somebody is still here stands over the page and takes one touch anywhere.
function warn(asks) {
  var box = one("idle");
  if (box.hidden !== asks) return;
  box.hidden = !asks;
  if (asks) {
    box.before = document.activeElement;
    one("still-here").focus();
  } else if (box.before) box.before.focus({ preventScroll: true });
}
function empty() {
  if (record) { record.fields = {}; record.body = ""; }
  form.reset();
  all("input[type=hidden]", form).forEach(function (input) { input.value = ""; });
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

["pointerdown", "keydown", "input", "wheel", "touchmove"].forEach(function (type) {
  window.addEventListener(type, active, { capture: true, passive: true });
});
window.addEventListener("contextmenu", function (event) { event.preventDefault(); });
window.addEventListener("pagehide", function () { if (form) empty(); });
window.addEventListener("pageshow", function (event) { if (event.persisted) leave(); });
document.addEventListener("click", function (event) {
  if (event.target.id === "done" || event.target.id === "give-up") leave();
  else if (event.target.id === "longer") stay(LINGER);
  else if (event.target.closest("#idle")) { stay(IDLE + WARNING); tick(); }
});
// Whoever switches the screen on again must not see what the one before had written.
document.addEventListener("visibilitychange", function () {
  root.classList.toggle("away", document.visibilityState === "hidden");
  tick();
});
