// From "Gửi phiếu" to the receipt. The form waits on this phone until the server has counted it.
var WAITS = [2, 5, 15, 30, 60], tries = 0, timer = 0, delivering = false;

function ready() {
  var button = one("send-button");
  button.removeAttribute("aria-disabled");
  button.textContent = button.dataset.text;
}
function busy() {
  var button = one("send-button");
  button.setAttribute("aria-disabled", "true");
  button.textContent = button.dataset.busy;
}
function submit(event) {
  var button = one("send-button");
  if (current !== topics[topics.length - 1]) {
    event.preventDefault();
    next();
  } else if (button.hasAttribute("aria-disabled")) {
    event.preventDefault();
  } else if (Object.keys(allFaults()).length) {
    event.preventDefault();
    complain(allFaults(), true);
  } else {
    busy();
    if (record) {
      event.preventDefault();
      queue();
    // A line that hangs must not lock the button for ever; the code counts once in any case.
    } else setTimeout(ready, 20000);
  }
}
function allFaults() {
  return Object.assign.apply(null, [{}].concat(road().map(faultsIn)));
}
function queue() {
  record.body = new URLSearchParams(new FormData(form)).toString() + pace();
  record.url = location.pathname + location.search;
  record.state = "waiting";
  setTimeout(outbox, 4000);
  device.post().then(deliver);
}
// Where the browser can wake the worker, the form leaves even when this page is closed.
function askWorker() {
  if (!kept || !navigator.serviceWorker) return;
  navigator.serviceWorker.getRegistration().then(function (worker) {
    return worker && worker.sync && worker.sync.register("outbox");
  }).catch(function () {});
}
function deliver() {
  if (!record || record.state !== "waiting" || delivering) return;
  delivering = true;
  clearTimeout(timer);
  send(record).then(function (outcome) {
    delivering = false;
    // Erased in the meantime: only that it had arrived after all is worth telling.
    if (record.state === "erased" && outcome.state !== "sent") return;
    if (outcome.state === "waiting") {
      timer = setTimeout(deliver, 1000 * WAITS[Math.min(tries, WAITS.length - 1)]);
      tries += 1;
      askWorker();
    } else {
      record.state = outcome.state;
      record.receipt = outcome.receipt;
      record.message = outcome.message;
      device.settle(outcome);
      if (outcome.problems) complain(outcome.problems);
    }
    outbox();
  });
}
// Shows how far the form is; nothing of the form itself while it is on its way or gone.
function outbox() {
  var state = record.state, box = one("outbox"), was = box.dataset.state || "open";
  box.dataset.state = state;
  form.hidden = state !== "open";
  box.hidden = state === "open";
  if (state === "open") { ready(); return; }
  one("problems").hidden = true;
  all("[data-when]", box).forEach(function (part) { part.hidden = part.dataset.when !== state; });
  one("stored").hidden = kept || state !== "waiting";
  if (state === "sent") {
    one("receipt").textContent = record.receipt;
    one("receipt-link").href = "/r/" + record.receipt + location.search;
  }
  if (state === "refused") one("refusal").textContent = record.message;
  if (state === was) return;
  var heading = box.querySelector('[data-when="' + state + '"]');
  document.title = heading.textContent;
  heading.focus();
  window.scrollTo(0, 0);
}
// After the receipt nothing of the answers stays on this phone; the tab knows its receipt.
function wipe() {
  try { sessionStorage.setItem(location.pathname, record.receipt); } catch (error) { /* not needed */ }
  empty();
  forgetHere();
}
function empty() {
  if (record) { record.fields = {}; record.body = ""; record.times = null; }
  form.reset();
  all("input[type=hidden]", form).forEach(function (input) { input.value = ""; });
}
function forgetHere() {
  if (!record) return;
  if (window.indexedDB) forget(record.id).catch(function () {});
  if (window.caches) record.places.forEach(function (place) {
    caches.open("hailong-pages").then(function (cache) {
      cache.delete(place, { ignoreSearch: true });
    }).catch(function () {});
  });
}
// Forms of other codes that still wait on this phone leave too.
function deliverOthers() {
  waiting().then(function (records) {
    records.forEach(function (other) {
      if (other.id !== record.id) send(other).then(function (outcome) {
        if (outcome.state !== "waiting") settled(other, outcome);
      });
    });
  }).catch(function () {});
}
