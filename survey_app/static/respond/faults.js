// What cannot be taken, put to the questions it is about; nothing typed is changed. What was said
// within the part of the page before is taken back first.
function tell(problems, part) {
  var box = one("problems"), rows = box.querySelector("ul"), first = null;
  all(".problem", part).forEach(function (old) { old.remove(); });
  all(".wrong", part).forEach(function (old) { old.classList.remove("wrong"); });
  all("[aria-invalid]", part).forEach(function (old) { old.removeAttribute("aria-invalid"); });
  all("li", rows).forEach(function (row) {
    if (part.contains(one(row.firstChild.hash.slice(1)))) row.remove();
  });
  all("[id^=q-]", part).forEach(function (item) {
    var name = item.id.slice(2);
    if (!(name in problems)) return;
    first = first || item;
    mark(item, name, problems[name]);
    rows.appendChild(rowOf(item, name, problems[name]));
  });
  box.querySelector(".kept").hidden = !rows.firstChild;
  return first;
}
function rowOf(item, name, said) {
  var row = document.createElement("li"), link = document.createElement("a"), words = document.createElement("b");
  words.textContent = item.closest(".item").querySelector("legend,.ask,label").textContent;
  link.href = "#q-" + name;
  link.appendChild(words);
  link.appendChild(document.createElement("br"));
  link.appendChild(document.createTextNode(said));
  row.appendChild(link);
  return row;
}
function complain(problems, here) {
  var box = one("problems"), heading = box.querySelector("h2"), first = tell(problems, form);
  heading.textContent = heading.dataset[here ? "here" : "sent"];
  box.querySelector(".whole").textContent = problems[""] || "";
  form.hidden = false;
  one("outbox").hidden = true;
  settle();
  show(first ? first.closest(".topic") : topics[topics.length - 1], box);
}
// Whether the topic can be left: what is wrong in it is said at once, in the words of the server.
function passes(topic) {
  var box = one("problems"), heading = box.querySelector("h2"), found = faultsIn(topic);
  var first = tell(found, topic);
  if (!first) {
    box.hidden = box.hidden || !complained();
    entitle();
    return true;
  }
  heading.textContent = heading.dataset.here;
  box.querySelector(".whole").textContent = "";
  show(topic, box);
  return false;
}
function complained() {
  return one("problems").querySelector(".whole").textContent || one("problems").querySelector("li");
}
function mark(item, name, words) {
  var note = document.createElement("p"), input = item.querySelector("input[type=text],textarea");
  note.className = "problem";
  note.id = "e-" + name;
  note.textContent = words;
  item.classList.add("wrong");
  item.hidden = false;
  var head = item.querySelector(".hint") || item.querySelector("legend,.ask,label");
  head.parentNode.insertBefore(note, head.nextSibling);
  if (input) {
    input.setAttribute("aria-invalid", "true");
    describe(input, note.id);
  } else describe(item, note.id);
}
// The hint of a question stays what describes it, before what is wrong with it.
function describe(element, id) {
  var ids = (element.getAttribute("aria-describedby") || "").split(" ").filter(function (one) { return one && one !== id; });
  element.setAttribute("aria-describedby", ids.concat(id).join(" "));
}
