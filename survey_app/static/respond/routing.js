// Which questions are met: the same walk as questionnaires/routing.py, on what it compiled.
var topics, steps, routed = false;

function listed(text) {
  return text ? JSON.parse(text) : [];
}
function compile() {
  routed = !!form.querySelector("[data-pipe]");
  steps = all(".q", form).map(function (element) {
    var conditions = listed(element.dataset.if), jumps = listed(element.dataset.goto);
    if (conditions.length || jumps.length) routed = true;
    return { element: element, fields: element.dataset.fields.split(" "), conditions: conditions, jumps: jumps };
  });
}
function holds(conditions, counted) {
  return conditions.every(function (condition) {
    return (counted[condition[0]] || []).some(function (value) {
      return condition[1].indexOf(value) >= 0;
    });
  });
}
function route() {
  var counted = {}, resume = 0;
  if (!routed) return;
  steps.forEach(function (step, position) {
    var met = position >= resume && holds(step.conditions, counted);
    step.element.hidden = !met;
    if (!met) return;
    step.fields.forEach(function (name) {
      counted[name] = read(name).values || [];
    });
    step.jumps.some(function (jump) {
      if (!holds(jump[0], counted)) return false;
      resume = jump[1];
      return true;
    });
  });
  pipe(counted);
}
function road() {
  return topics.filter(function (topic) {
    var questions = all(".q", topic);
    return !questions.length || questions.some(function (question) { return !question.hidden; });
  });
}
