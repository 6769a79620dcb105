// How long each topic was in view, by a clock that nobody sets. The times stay on this phone; two
// coarse numbers leave with the form, and none where another view or another phone had a part in it.
var since = null;

function lap() {
  var now = performance.now(), times = record && record.state === "open" && record.times;
  if (times && since !== null) times[current.id] = (times[current.id] || 0) + now - since;
  since = document.visibilityState === "hidden" ? null : now;
}
// Topics answered in less than 2 seconds an item, and the band of the whole (services/pace.py).
function pace() {
  var whole = 0, fast = 0, times = record.times;
  lap();
  if (!times) return "";
  Object.keys(times).forEach(function (id) { whole += times[id]; });
  road().forEach(function (topic) {
    if (times[topic.id] < 2000 * (items(topic).length - blank(topic).length)) fast += 1;
  });
  return "&n_fast_pages=" + fast + "&duration_band=" + [3, 5, 8, 12].reduce(function (band, minutes) {
    return band + (whole >= 60000 * minutes);
  }, 1);
}
