// How far a case is, and what the server is told of a batch: counts, never a case.
function plain(code) {
  return code.replace(/-/g, "").toUpperCase();
}
// The forms of this phone by their code.
function allForms() {
  return within("readonly", function (forms, found) {
    forms.getAll().onsuccess = function (event) {
      var byCode = {};
      event.target.result.forEach(function (form) { byCode[form.id] = form; });
      found(byCode);
    };
  });
}
function stateOf(one, forms) {
  var form = forms[plain(one.code)];
  if (form && form.state !== "open") return form.state;
  if (one.used) return "used";
  if (one.outcome) return "ended";
  return form && form.clock ? "begun" : "todo";
}
function reportOf(batch, forms) {
  var counts = {};
  batch.cases.forEach(function (one) {
    var state = stateOf(one, forms), outcome = state === "sent" ? "complete" : one.outcome;
    // Answered elsewhere, or taken back: what was noted before holds no more.
    if (!outcome || state === "used") return;
    var name = outcome + "." + Math.max(1, one.visits);
    counts[name] = (counts[name] || 0) + 1;
  });
  return Object.keys(counts).sort().map(function (name) { return name + "=" + counts[name]; });
}
function ask(path, fields) {
  var body = new URLSearchParams();
  fields.forEach(function (field) { body.append(field[0], field[1]); });
  return fetch(path, {
    method: "POST", credentials: "same-origin",
    headers: { "Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded" },
    body: body.toString()
  });
}
function tell(batch, forms) {
  var counts = reportOf(batch, forms), report = counts.join(" ");
  if (report === batch.told) return Promise.resolve();
  var fields = [["key", batch.key]].concat(counts.map(function (count) { return ["count", count]; }));
  return ask("/i/outcomes", fields).then(function (answer) {
    if (!answer.ok) return undefined;
    return changeBatch(batch.key, function (kept) { kept.told = report; });
  });
}
