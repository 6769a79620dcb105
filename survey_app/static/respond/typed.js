// What was typed, by the rules and in the words of questionnaires/typed.py.
function checkOf(item) {
  return item && item.dataset.check ? JSON.parse(item.dataset.check) : {};
}
function trimmed(text) {
  return text.replace(/^ +| +$/g, "");
}
function readNumber(text, check) {
  var found = /^(-?)(\d{1,9})(?:[.,](\d{1,2}))?$/.exec(trimmed(text)), places = check.number;
  if (!found || (found[3] || "").length > places) return { fault: "not-a-number" };
  var part = found[3] || "", units = +(found[2] + part.padEnd(places, "0"));
  if ((found[1] && units) || units < check.low) return { fault: "below-minimum" };
  if (check.high !== null && units > check.high) return { fault: "above-maximum" };
  part = part.replace(/0+$/, "");
  return { values: [+found[2] + (part && "." + part)] };
}
function readDate(text, check) {
  text = trimmed(text);
  var found = /^(\d{1,2})([/. -])(\d{1,2})\2([12]\d{3})$/.exec(text) || /^(\d\d)()(\d\d)([12]\d{3})$/.exec(text);
  var day = found ? found[4] + "-" + found[3].padStart(2, "0") + "-" + found[1].padStart(2, "0") : text;
  var real = /^[12]\d{3}-\d\d-\d\d$/.test(day) && new Date(day + "T00:00:00Z");
  if (!real || isNaN(real) || real.toISOString().slice(0, 10) !== day) return { fault: "not-a-date" };
  if (check.date[0] && day < check.date[0]) return { fault: "before-earliest" };
  if (check.date[1] && day > check.date[1]) return { fault: "after-latest" };
  return { values: [day] };
}
function lengthOf(text) {
  return Array.from(text.replace(/\r\n?/g, "\n").normalize("NFC")).length;
}
function readText(text, check) {
  var length = lengthOf(text);
  if (length > check.text) return { fault: "text-too-long", length: length };
  return { values: [text.normalize("NFC")] };
}
// The answer in a field as it counts, {values}; {fault}, a code, where it cannot be taken.
function read(name) {
  var own = named(name).filter(filled), values = own.map(function (input) { return input.value; });
  if (!own.length || isChoice(own[0])) return { values: values };
  var check = checkOf(own[0].closest(".item"));
  if ("number" in check) return readNumber(values[0], check);
  if ("date" in check) return readDate(values[0], check);
  if ("text" in check) return readText(values[0], check);
  return new Set(values).size < values.length ? { fault: "ranked-twice" } : { values: values };
}
// What is wrong with the items in view: field name -> what to do about it.
function faultsIn(topic) {
  var found = {};
  all(".item", topic).forEach(function (item) {
    if (item.closest("[hidden]")) return;
    var name = item.id.slice(2), seen = read(name);
    if (seen.fault) {
      found[name] = fill(checkOf(item).words[seen.fault], { n: (seen.length || 0).toLocaleString(root.lang) });
    } else if ("must" in item.dataset && isBlank(item)) found[name] = one("nav").dataset.must;
  });
  return found;
}
