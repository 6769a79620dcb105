// The service worker: opens a questionnaire that was open before when there is no network, and
// sends what waits where the browser wakes it for that.
var PAGES = "hailong-pages", PATIENCE = 4000;

self.addEventListener("install", function () { self.skipWaiting(); });
self.addEventListener("activate", function (event) { event.waitUntil(self.clients.claim()); });

function held(request) {
  return caches.open(PAGES).then(function (cache) { return cache.match(request.url); });
}
// The network first, since it knows whether a code still counts; the kept page when it is slow.
// Pages are asked for by going to them, and by scripts for another language.
self.addEventListener("fetch", function (event) {
  var page = event.request.mode === "navigate" || event.request.destination === "";
  if (!page || event.request.method !== "GET") return;
  event.respondWith(held(event.request).then(function (page) {
    var asked = fetch(event.request);
    if (!page) return asked;
    return Promise.race([
      asked.catch(function () { return page; }),
      new Promise(function (resolve) { setTimeout(resolve, PATIENCE, page); })
    ]);
  }));
});

self.addEventListener("sync", function (event) {
  if (event.tag !== "outbox") return;
  event.waitUntil(waiting().then(function (records) {
    return Promise.all(records.map(function (record) {
      return send(record).then(function (outcome) {
        if (outcome.state === "waiting") throw new Error("later");
        return settled(record, outcome);
      });
    }));
  }));
});
