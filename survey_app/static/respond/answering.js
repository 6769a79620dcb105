// What follows from one answer on the page itself.
function react(input) {
  var item = input.closest(".item");
  if (input.checked && input.type === "checkbox") {
    all("input[type=checkbox]", item).forEach(function (other) {
      if (other !== input && ("alone" in input.dataset || "alone" in other.dataset)) other.checked = false;
    });
  }
  if (item) { apart(input, item); unfold(item); }
  route();
}
// An answer and the reason for giving none cannot both stand.
function apart(input, item) {
  if (!item.querySelector("[name$='.missing']") || !filled(input)) return;
  inputs(item).forEach(function (other) {
    if (isChoice(other) === isChoice(input)) return;
    if (isChoice(other)) other.checked = false;
    else other.value = "";
    if (other.dataset.max) measure(other);
  });
}
// A short text belongs to the choice before it.
function unfold(item) {
  all(".more", item).forEach(function (more) {
    var chosen = more.previousElementSibling.querySelector("input").checked;
    more.hidden = !chosen && !more.classList.contains("wrong");
  });
}
function measure(area) {
  var left = area.dataset.max - lengthOf(area.value);
  var note = one(area.getAttribute("data-count"));
  note.textContent = fill(left < 0 ? note.dataset.over : note.dataset.left, { n: Math.abs(left) });
  note.classList.toggle("over", left < 0);
}
// After values were put back by hand of the script.
function settle() {
  all("textarea[data-max]", form).forEach(measure);
  all(".item", form).forEach(unfold);
  arrange();
  route();
}
