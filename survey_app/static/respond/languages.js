// Another language is the same document in other words: fetched, put in place, answers kept.
function translate(event) {
  var link = event.currentTarget, url = link.href;
  if (!window.fetch) return;
  event.preventDefault();
  fetch(url, { credentials: "same-origin" }).then(function (answer) {
    if (!answer.ok) throw new Error(answer.status);
    return answer.text();
  }).then(function (text) {
    var other = new DOMParser().parseFromString(text, "text/html"), kept = {}, id = current.id;
    if (!other.getElementById("form")) throw new Error("form");
    inputs().forEach(function (input) { kept[input.name] = written(input.name); });
    root.lang = other.documentElement.lang;
    document.body = document.adoptNode(other.body);
    history.replaceState(history.state, "", url);
    begin();
    Object.keys(kept).forEach(function (name) { write(name, kept[name]); });
    settle();
    show(one(id), true);
    if (record) { outbox(); holdPage(); }
  }).catch(function () { say("text"); });
}
