// The form of the page: its elements, and what is written in it.
var root = document.documentElement, form, code = "", unit = "";

function all(selector, within) {
  return Array.prototype.slice.call((within || document).querySelectorAll(selector));
}
function one(id) {
  return document.getElementById(id);
}
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, function (whole, name) { return values[name]; });
}
function inputs(within) {
  return all("input,select,textarea", within || form).filter(function (input) { return input.name !== "code"; });
}
function isChoice(input) {
  return /^(radio|checkbox)$/.test(input.type);
}
function filled(input) {
  // What the server takes for white space differs from what trim() does.
  return isChoice(input) ? input.checked : /[^\s\x1c-\x1f\x85]|\ufeff/.test(input.value);
}
function named(name) {
  return inputs().filter(function (input) { return input.name === name; });
}

// What is kept of a field. The places of a ranking are told apart, so blanks between stay.
function written(name) {
  var own = named(name);
  if (!own.some(filled)) return [];
  return own.filter(function (input) { return !isChoice(input) || input.checked; }).map(function (input) {
    return input.value;
  });
}
function write(name, values) {
  var left = values.slice();
  named(name).forEach(function (input) {
    if (isChoice(input)) input.checked = values.indexOf(input.value) >= 0;
    else input.value = left.length ? left.shift() : "";
  });
}

// The code comes behind the # of the link and leaves the bar at once. The name of the unit is the
// server's word and comes beside the page: behind the # anybody could write anything.
function takeCode() {
  var behind = location.hash.slice(1), told = /(?:^|; )hailong_unit=([^;]*)/.exec(document.cookie);
  if (/^\w{4}(-?\w{4}){3}-?\w$/.test(behind)) {
    code = behind;
    history.replaceState(history.state, "", location.pathname + location.search);
  }
  try { if (told) unit = decodeURIComponent(told[1]); } catch (error) { /* other words stand there */ }
  if (code) form.elements.code.value = code;
}
