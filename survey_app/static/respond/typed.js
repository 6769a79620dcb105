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
  var length = lengthOf(text), bad = forbidden(text.replace(/\r\n?/g, "\n").normalize("NFC"));
  if (length > check.text) return { fault: "text-too-long", length: length };
  if (bad) return { fault: "forbidden-character", bad: bad };
  return { values: [text.normalize("NFC")] };
}
// The first character that cannot be kept, by the rules of intake/text.py.
var NEVER = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\u{e0000}-\u{e007f}]/u;
var ZERO_WIDTH = /[\u200b-\u200f\u2060\ufeff]/;
var EMOJI_JOINED = /[\u203c-\u3299\u{1f000}-\u{1faff}\ufe0f]\u200d(?=[\u2600-\u{1faff}])/gu;
function forbidden(text) {
  var found = NEVER.exec(text) || ZERO_WIDTH.exec(text.replace(EMOJI_JOINED, "")), marks = 0;
  var bad = found ? found[0] : Array.from(text).find(function (one) {
    marks = combines(one) ? marks + 1 : 0;
    return marks > 3;
  });
  return bad && "U+" + bad.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
}
// Browsers do not tell the combining class of a mark, but they sort marks by it: U+0345 comes last.
function combines(mark) {
  if (!/\p{M}/u.test(mark)) return false;
  return mark === "\u0345" || ("\u0345" + mark).normalize("NFD") !== "\u0345" + mark.normalize("NFD");
}
// The answer in a field as it counts, {values}; {fault}, a code, where it cannot be taken.
function read(name) {
  var own = named(name).filter(filled), values = own.map(function (input) { return input.value; });
  if (!own.length || isChoice(own[0])) return { values: values };
  var check = checkOf(own[0].closest(".more,.item"));
  if ("number" in check) return readNumber(values[0], check);
  if ("date" in check) return readDate(values[0], check);
  if ("text" in check) return readText(values[0], check);
  return new Set(values).size < values.length ? { fault: "ranked-twice" } : { values: values };
}
// What is wrong with the items in view: field name -> what to do about it.
function faultsIn(topic) {
  var found = {};
  all(".item,.more", topic).forEach(function (item) {
    if (item.parentNode.closest("[hidden]")) return;
    var name = item.id.slice(2), seen = read(name);
    if (seen.fault) {
      found[name] = fill(checkOf(item).words[seen.fault], {
        n: (seen.length || 0).toLocaleString(root.lang), bad: seen.bad
      });
    } else if ("must" in item.dataset && isBlank(item)) found[name] = one("nav").dataset.must;
  });
  return found;
}
