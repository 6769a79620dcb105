// One topic at a time: what is in view, how far it is, forward and back.
var current, asked = [];

// Which items in view are still without answer. An open text is never asked for.
function items(topic) {
  return all(".item[data-ask]", topic).filter(function (item) { return !item.closest("[hidden]"); });
}
function blank(topic) {
  return items(topic).filter(isBlank);
}
function isBlank(item) {
  return !inputs(item).some(function (input) { return input.className !== "short" && filled(input); });
}

function show(topic, focus) {
  lap();
  route();
  var seen = road(), place = seen.indexOf(topic), last = topic === topics[topics.length - 1];
  current = topic;
  topics.forEach(function (each) { each.classList.toggle("on", each === topic); });
  var nav = one("nav"), where = one("where"), bar = one("bar");
  where.hidden = place === 0;
  bar.max = seen.length - 1;
  bar.value = place;
  var heading = topic.querySelector("h1,h2");
  one("at").textContent = fill(where.dataset.text, { n: place, all: seen.length - 1 });
  one("back").hidden = place === 0;
  if (one("rights")) one("rights").hidden = place > 0;
  one("next").hidden = last;
  one("next").textContent = nav.dataset[place === 0 ? "start" : "next"];
  one("missing").hidden = true;
  // What is wrong with the form stands above the topics that it is about, and at the end.
  one("problems").hidden = !complained() || (!last && !topic.querySelector(".wrong"));
  entitle();
  if (last) tally(seen);
  fit(topic);
  if (focus) {
    (focus === true ? heading : focus).focus({ preventScroll: true });
    if (focus === true) window.scrollTo(0, 0);
    else focus.scrollIntoView();
  }
}
// The title of the page says first that something is wrong, for who does not see the page.
function entitle() {
  var words = [current.querySelector("h1,h2").textContent];
  if (current !== topics[0]) words.unshift(one("at").textContent);
  document.title = (one("problems").hidden ? "" : one("nav").dataset.wrong + " ") + words.join(" – ");
}
// Words that do not fit beside each other (very large type) go below each other. All are looked at
// before any is changed, so that the browser lays the topic out once.
function fit(topic) {
  var scales = all(".scale", topic);
  scales.forEach(function (scale) { scale.classList.remove("stack"); });
  scales.map(crowded).forEach(function (stacked, at) { scales[at].classList.toggle("stack", stacked); });
}
function crowded(scale) {
  var choices = all(".option", scale);
  if (choices.length > 1 && choices[1].offsetTop > choices[0].offsetTop) return true;
  return all("span", scale).some(function (words) { return words.scrollWidth > words.clientWidth + 1; });
}
function tally(seen) {
  var total = 0, open = 0, first = null, note = one("tally");
  seen.forEach(function (topic) {
    var without = blank(topic);
    total += items(topic).length;
    open += without.length;
    first = first || without[0];
  });
  note.querySelector("p").textContent = fill(note.dataset.text, { n: total - open, all: total });
  var link = note.querySelector("a");
  link.hidden = !first;
  if (first) link.href = "#" + first.id;
  note.hidden = false;
}

// Each topic asks for missing answers once, then goes on without them.
function next() {
  if (!passes(current)) return;
  var seen = road(), place = seen.indexOf(current), without = blank(current), box = one("missing");
  if (without.length && asked.indexOf(current.id) < 0) {
    asked.push(current.id);
    list(box.querySelector("ul"), without);
    box.querySelector("h2").textContent = fill(box.dataset.text, { n: without.length });
    box.hidden = false;
    one("next").textContent = one("nav").dataset.skip;
    box.focus();
    box.scrollIntoView();
    return;
  }
  go(seen[place + 1]);
}
function list(box, found) {
  box.textContent = "";
  found.forEach(function (item) {
    var row = document.createElement("li"), link = document.createElement("a");
    link.href = "#" + item.id;
    link.textContent = item.querySelector("legend,.ask").textContent;
    row.appendChild(link);
    box.appendChild(row);
  });
}
function go(topic) {
  if (!topic) return;
  device.mark(topic);
  show(topic, true);
  moved();
}
function back() {
  var seen = road();
  if (history.state && history.state.topic === current.id) history.back();
  else show(seen[Math.max(0, seen.indexOf(current) - 1)], true);
}
// A history entry may name a topic that is no longer on the road: the one before it is shown.
function recall(state) {
  var at = Math.max(0, topics.indexOf(one((state || {}).topic)));
  var seen = road().filter(function (topic) { return topics.indexOf(topic) <= at; });
  show(seen[seen.length - 1], true);
}
