// The form of this page as it is kept (memory.js): taken up at the start, written at every answer.
var record = null, kept = false;

// A random name in the form of a UUID.
function newKey() {
  var digits = Array.from(crypto.getRandomValues(new Uint8Array(16)), function (byte) {
    return (byte + 256).toString(16).slice(1);
  }).join("");
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-a$4-$5");
}
function plainCode() {
  return code.replace(/-/g, "").toUpperCase();
}
// Where only the cookie holds the code, the address stands for the form.
function newRecord() {
  return {
    id: plainCode() || location.pathname, code: code, unit: unit, places: [location.pathname],
    key: newKey(), fields: {}, clock: 0, topic: "", asked: [], draft: 0, state: "open",
    times: device.timed ? {} : null
  };
}
function takeUp() {
  return (code ? device.look(plainCode()) : recordAt(location.pathname)).then(function (found) {
    record = found || newRecord();
    if (record.places.indexOf(location.pathname) < 0) record.places.push(location.pathname);
    code = record.code;
    unit = unit || record.unit;
    form.elements.code.value = code;
    if (!record.clock) return;
    putBack(Object.keys(record.fields));
    asked = record.asked;
  });
}
function putBack(names) {
  names.forEach(function (name) { write(name, record.fields[name].values); });
  settle();
}
// Something was answered. An exclusive choice empties others, which are then answers of their own.
function note(input) {
  noteAll([input.name].concat(inputs(input.closest(".q")).map(nameOf)));
  save();
}
function nameOf(input) {
  return input.name;
}
function noteAll(names) {
  names.concat(orders().map(nameOf)).forEach(function (name) {
    var values = written(name), before = record.fields[name];
    if (JSON.stringify(values) === JSON.stringify(before ? before.values : [])) return;
    record.clock += 1;
    record.fields[name] = { values: values, stamp: record.clock };
  });
}
function moved() {
  if (!record) return;
  record.topic = current.id;
  record.asked = asked;
  noteAll([]);
  save();
  saveDraft();
}
function save() {
  lap();
  return device.keep(record).then(function (changed) {
    kept = !device.passing;
    if (changed && changed.length) putBack(changed);
  }).catch(function () { kept = false; });
}
// Another view of the same form may have gone on in the meantime.
function refresh() {
  if (!record || record.state !== "open" || !kept) return;
  device.look(record.id).then(function (there) {
    if (!there) return;
    putBack(merge(record, there));
    if (there.state !== "open") { record.state = there.state; record.receipt = there.receipt; outbox(); }
  });
}
function say(name) {
  one("status").textContent = one("status").dataset[name];
}
