// A phone that others use too. What it has of a form can be erased at any time; where the phone is
// said to be shared nothing is kept from then on, and after minutes without a touch all is erased.
var shared = false, watching = 0;
patience = 180;

device.begun = function () { one("shared").checked = shared; };
device.start = function () {
  try { shared = sessionStorage.getItem("shared") === "1"; } catch (error) { /* not needed */ }
  if (!shared) { remember(); return; }
  record = newRecord();
  share(true);
};
function share(on) {
  shared = on;
  try { sessionStorage.setItem("shared", on ? "1" : "0"); } catch (error) { /* not needed */ }
  device.begun();
  device.passing = on;
  device.keep = on ? function () { return Promise.reject(); } : keep;
  drafts = !on;
  kept = false;
  form.autocomplete = on ? "off" : "on";
  if (on) {
    forgetHere();
    awake();
    watching = watching || setInterval(watch, 1000);
  } else if (record) { save(); holdPage(); }
}
function watch() {
  var inView = record && /open|refused/.test(record.state);
  if (shared && inView) countDown(true, erase);
}
function erase() {
  record = record || newRecord();
  record.state = "erased";
  device.passing = true;
  drafts = changed = false;
  clearTimeout(draftTimer);
  empty();
  forgetHere();
  outbox();
  (drafting || Promise.resolve()).then(function () {
    return ask("POST", "/draft/erase", { code: code });
  }).then(function (answer) { one("copy").hidden = answer.ok; }, function () { one("copy").hidden = false; });
}
// What is finished and not sent yet is asked about a second time.
function sure(step) {
  var box = one("sure");
  box.hidden = !step;
  box.querySelector("p").textContent = step ? box.dataset[step] : "";
  one("yes").dataset.step = step;
  one(step ? "yes" : "erase").focus();
}

onTouch(function (asked) { if (shared && !asked) awake(); });
document.addEventListener("change", function (event) {
  if (event.target.id === "shared") share(event.target.checked);
});
document.addEventListener("click", function (event) {
  var id = event.target.id;
  if (id === "erase") sure("first");
  else if (id === "no") sure("");
  else if (id === "yes" && record && record.state === "waiting" && event.target.dataset.step === "first") sure("unsent");
  else if (id === "yes" || id === "give-up") erase();
  else if (event.target.closest("#idle")) { awake(); watch(); }
});
document.addEventListener("visibilitychange", watch);
window.addEventListener("pageshow", watch);
