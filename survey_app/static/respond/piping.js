// Earlier answers and the name of the unit in later texts, as questionnaires/piping.py puts them.
function pipe(counted) {
  all("[data-pipe]", form).forEach(function (hole) {
    if (!("otherwise" in hole.dataset)) hole.dataset.otherwise = hole.textContent;
    var name = hole.dataset.pipe, words = name ? spoken(name, counted) : unit;
    hole.textContent = words || hole.dataset.otherwise;
  });
}
function spoken(name, counted) {
  var value = (counted[name] || [])[0], input = named(name).filter(filled)[0];
  if (value === undefined) return "";
  if (isChoice(input)) {
    var choice = input.closest(".option");
    if (choice.classList.contains("apart")) return "";
    return specified(choice.nextElementSibling) || choice.querySelector("span").textContent;
  }
  var check = checkOf(input.closest(".item"));
  if ("number" in check) return root.lang === "en" ? value : value.replace(".", ",");
  return "date" in check ? value.split("-").reverse().join("/") : value;
}
// What was written beside a choice stands for it.
function specified(more) {
  return more && more.classList.contains("more") && (read(more.id.slice(2)).values || [])[0];
}
