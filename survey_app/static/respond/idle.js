// A screen that one person after the other uses: after a time without a touch it asks whether
// somebody is still here, then it is left. What leaving means is for the device.
var patience = 60, WARNING = 20, ends = 0;

function stay(seconds) {
  ends = Date.now() + 1000 * seconds;
}
function awake() {
  stay(patience + WARNING);
}
function countDown(asks, leave) {
  var left = Math.ceil((ends - Date.now()) / 1000);
  if (left <= 0) { warn(false); leave(); return; }
  warn(asks && left <= WARNING);
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
function onTouch(active) {
  ["pointerdown", "keydown", "input", "wheel", "touchmove"].forEach(function (type) {
    window.addEventListener(type, function (event) {
      // A touch of the question is answered when it is a click.
      active(!!event.target.closest && !!event.target.closest("#idle"));
    }, { capture: true, passive: true });
  });
}
