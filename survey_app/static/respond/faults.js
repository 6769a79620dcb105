// What the server could not take, put to the questions it is about; nothing typed is changed.
function complain(problems) {
  var box = one("problems"), rows = box.querySelector("ul"), first = null;
  all(".problem", form).forEach(function (old) { old.remove(); });
  all(".wrong", form).forEach(function (old) { old.classList.remove("wrong"); });
  rows.textContent = "";
  box.querySelector(".whole").textContent = problems[""] || "";
  all("[id^=q-]", form).forEach(function (item) {
    var name = item.id.slice(2);
    if (!(name in problems)) return;
    first = first || item;
    mark(item, name, problems[name]);
    var row = document.createElement("li"), link = document.createElement("a"), words = document.createElement("b");
    words.textContent = item.querySelector("legend,.ask,label").textContent;
    link.href = "#q-" + name;
    link.appendChild(words);
    link.appendChild(document.createElement("br"));
    link.appendChild(document.createTextNode(problems[name]));
    row.appendChild(link);
    rows.appendChild(row);
  });
  box.querySelector(".kept").hidden = !first;
  form.hidden = false;
  one("outbox").hidden = true;
  settle();
  show(first ? first.closest(".topic") : topics[topics.length - 1], box);
}
function complained() {
  return one("problems").querySelector(".whole").textContent || one("problems").querySelector("li");
}
function mark(item, name, words) {
  var note = document.createElement("p"), input = item.querySelector("input[type=text],input[type=date],textarea");
  note.className = "problem";
  note.id = "e-" + name;
  note.textContent = words;
  item.classList.add("wrong");
  var head = item.querySelector("legend,.ask,label");
  head.parentNode.insertBefore(note, head.nextSibling);
  if (input) {
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", note.id);
  } else item.setAttribute("aria-describedby", note.id);
}
