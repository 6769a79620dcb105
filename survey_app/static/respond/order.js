// What stands in random order is shuffled once for each form. The order lies in a hidden field, so
// that it is kept, drafted and sent as the answers are. It is never made from the code, which would
// make it the same on every phone: it is stored with the answers, and would lead back to the code.
function orders() {
  return all("input[name^='order.']", form);
}
function movers(box) {
  return all("[data-key]", box).filter(function (part) { return part.parentNode === box; });
}
function keys(box) {
  return movers(box).map(function (part) { return part.dataset.key; });
}
function boxes(field) {
  return all('[data-order="' + field.name + '"]', form);
}
function shuffle() {
  orders().forEach(function (field) {
    if (field.value) return;
    var names = keys(boxes(field)[0]);
    for (var last = names.length - 1; last > 0; last -= 1) {
      var random = crypto.getRandomValues(new Uint32Array(1))[0] / 4294967296;
      names.push(names.splice(Math.floor(random * (last + 1)), 1)[0]);
    }
    field.value = names.join();
  });
}
function arrange() {
  orders().forEach(function (field) {
    boxes(field).forEach(function (box) {
      var wanted = field.value.split(","), now = keys(box);
      if (wanted.join() !== now.join() && wanted.slice().sort().join() === now.sort().join()) place(box, wanted);
    });
  });
}
// A part moves with the short text that belongs to it; what has no key keeps its place.
function place(box, wanted) {
  var groups = [], moving = {};
  Array.from(box.children).forEach(function (part) {
    if (part.className.indexOf("more") === 0 && groups.length) { groups[groups.length - 1].push(part); return; }
    groups.push([part]);
    if ("key" in part.dataset) moving[part.dataset.key] = groups[groups.length - 1];
  });
  groups.map(function (group) {
    return "key" in group[0].dataset ? moving[wanted.shift()] : group;
  }).forEach(function (group) {
    group.forEach(function (part) { box.appendChild(part); });
  });
}
