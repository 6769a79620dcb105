// What the tablet keeps for a time without network: this page, and the questionnaires of the rounds
// whose tickets or letters people may bring here. None of it is about a person.
var PAGES = "hailong-pages";

function keptRounds() {
  try { return JSON.parse(localStorage.getItem("rounds")) || []; } catch (error) { return []; }
}
function holdPages() {
  if (!navigator.serviceWorker || !window.caches) return;
  var here = location.pathname + location.search, langs = [];
  Array.prototype.forEach.call(document.querySelectorAll("[hreflang]"), function (link) { langs.push(link.hreflang); });
  navigator.serviceWorker.register("/k/sw.js", { scope: "/k/" }).then(function () {
    return Promise.all([caches.open(PAGES), fetch("/k/rounds", { headers: { "Accept": "application/json" } })]);
  }).then(function (both) {
    // A tablet that was taken back keeps nothing more.
    if (both[1].status === 404) { localStorage.removeItem("rounds"); return caches.delete(PAGES); }
    if (!both[1].ok) return undefined;
    return both[1].json().then(function (said) {
      var addresses = langs.map(function (lang) { return "/k/?lang=" + lang; }).concat("/k/", here);
      said.rounds.forEach(function (round) {
        addresses.push(round.address);
        langs.forEach(function (lang) { addresses.push(round.address + "?lang=" + lang); });
      });
      return hold(both[0], addresses).then(function () {
        localStorage.setItem("rounds", JSON.stringify(said.rounds));
      });
    });
  }).catch(function () { /* no network: what was kept before stays */ });
}
// Keeps these pages and no others: a round that is over cannot be begun any more.
function hold(pages, addresses) {
  return Promise.all(addresses.map(function (address) {
    return fetch(address).then(function (answer) {
      if (!answer.ok) throw new Error(answer.status);
      return pages.put(address, answer);
    });
  })).then(function () { return pages.keys(); }).then(function (requests) {
    return Promise.all(requests.map(function (request) {
      var address = new URL(request.url);
      return addresses.indexOf(address.pathname + address.search) < 0 ? pages.delete(request) : undefined;
    }));
  });
}
function forgetPages() {
  localStorage.removeItem("rounds");
  if (!navigator.serviceWorker || !window.caches) return Promise.resolve();
  return navigator.serviceWorker.getRegistration("/k/").then(function (worker) {
    return Promise.all([worker && worker.unregister(), caches.delete(PAGES)]);
  });
}
