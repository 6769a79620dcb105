// From the bytes of the document to a page in use. The plain form is always there to fall back on.
var changed = false;

function begin() {
  form = one("form");
  topics = all(".topic");
  compile();
  // One topic at a time is a page of its own: its heading leads.
  all(".topic > h2").forEach(function (heading) { heading.setAttribute("aria-level", "1"); });
  all(".q > h3").forEach(function (heading) { heading.setAttribute("aria-level", "2"); });
  // The first view starts with what must be known, the button below it, then the rest.
  if (one("rights")) form.appendChild(one("rights"));
  takeCode();
  form.addEventListener("submit", submit);
  form.addEventListener("change", function (event) { answered(event.target); });
  form.addEventListener("input", function (event) {
    if (event.target.dataset.max) measure(event.target);
    if (!isChoice(event.target)) answered(event.target);
  });
  one("next").addEventListener("click", next);
  one("back").addEventListener("click", back);
  one("send-now").addEventListener("click", deliver);
  one("review").addEventListener("click", function () { record.state = "open"; outbox(); });
  all("[data-lang]").forEach(function (link) { link.addEventListener("click", translate); });
  document.body.addEventListener("click", follow);
  shuffle();
  settle();
  ready();
  device.begun();
}
function answered(input) {
  changed = true;
  react(input);
  if (record) { note(input); soonDraft(15); }
}
// A link to a question leads to its topic first. Followed by the browser, a link within the page
// would be an entry of the history without a topic, which is the start.
function follow(event) {
  var link = event.target.closest('a[href^="#"]');
  if (!link) return;
  event.preventDefault();
  var target = one(link.getAttribute("href").slice(1)), topic = target.closest(".topic");
  if (!topic) { target.focus(); return; }
  if (topic !== current) device.mark(topic);
  show(topic, target);
}
function resume(id) {
  var topic = one(id);
  if (!topic || topic === topics[0]) return;
  recall({ topic: id });
  history.replaceState({ topic: current.id }, "");
  say("resumed");
}

// Keeps the page for a time without network, from the bytes that the browser has already.
function holdPage() {
  if (device.passing || !navigator.serviceWorker || !window.caches) return;
  navigator.serviceWorker.register(device.worker, { scope: device.scope }).then(function () {
    var address = location.pathname + location.search;
    return Promise.all([caches.open("hailong-pages"), fetch(address, { cache: "force-cache" })]).then(function (both) {
      if (both[1].ok) return both[0].put(address, both[1]);
      return undefined;
    });
  }).catch(function () { /* the page works without */ });
}

// What this phone has of the form, then what the server has; neither keeps anybody waiting.
function remember() {
  if (!window.isSecureContext || !window.indexedDB) return;
  var receipt = null;
  try { receipt = sessionStorage.getItem(location.pathname); } catch (error) { /* not needed */ }
  takeUp().then(function () {
    if (receipt) { record.state = "sent"; record.receipt = receipt; }
    outbox();
    if (record.state === "waiting") deliver();
    if (record.state !== "open") return undefined;
    if (record.clock) resume(record.topic);
    deliverOthers();
    return readDraft();
  }).catch(function () { record = record || newRecord(); }).then(holdPage);
}

function open() {
  try {
    begin();
    var wrong = form.querySelector(".wrong"), summary = wrong || form.querySelector("#problems:not([hidden])");
    if (summary) changed = true;
    var topic = wrong ? wrong.closest(".topic") : topics[summary ? topics.length - 1 : 0];
    show(topic, summary ? one("problems") : false);
    window.addEventListener("popstate", function (event) { device.returned(event.state); });
    window.addEventListener("resize", function () { fit(current); });
    window.addEventListener("pageshow", function () { ready(); settle(); });
    window.addEventListener("online", deliver);
    document.addEventListener("visibilitychange", function () {
      lap();
      if (!record) return;
      if (document.visibilityState === "hidden") {
        saveDraft();
        if (record.state === "waiting") askWorker();
      } else { refresh(); deliver(); }
    });
    window.addEventListener("beforeunload", function (event) {
      if (!changed || kept || one("send-button").hasAttribute("aria-disabled")) return;
      event.preventDefault();
      event.returnValue = "";
    });
    if (!summary) device.start();
  } catch (error) {
    root.className = "";
    throw error;
  }
}

root.className = "js";
document.addEventListener("DOMContentLoaded", open);
