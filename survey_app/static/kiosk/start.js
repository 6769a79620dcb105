// The start page of a tablet at a counter: a ticket's code opens its questionnaire, what earlier
// people left sealed is sent, and only staff get out.
var IDLE = 60, RESEND = 30, PATIENCE = 10000, touched = Date.now();

function one(id) {
  return document.getElementById(id);
}
function say(id, words) {
  one(id).textContent = words;
  one(id).hidden = !words;
}
function type(text) {
  one("code").value = tidy(text);
  say("wrong", "");
  one("unchecked").hidden = true;
}
function post(path, fields) {
  return Promise.race([sent(path, fields), new Promise(function (resolve, reject) {
    setTimeout(reject, PATIENCE, new Error("no answer"));
  })]);
}
function sent(path, fields) {
  return fetch(path + location.search, {
    method: "POST", credentials: "same-origin",
    headers: { "Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(fields).toString()
  }).then(function (answer) {
    return answer.json().then(function (said) { return { ok: answer.ok, said: said }; });
  });
}
function openForm(event) {
  event.preventDefault();
  var code = one("code").value, wrong = one("wrong");
  if (code.replace(/-/g, "").length < 17) { say("wrong", wrong.dataset.short); one("code").focus(); return; }
  one("go").setAttribute("aria-disabled", "true");
  post("/k/", { code: code }).then(function (answer) {
    if (!answer.ok) { say("wrong", answer.said.message); one("code").focus(); return; }
    one("code").value = "";
    try { sessionStorage.setItem("unit", answer.said.unit); } catch (error) { /* not needed */ }
    location.replace(answer.said.address + "#" + answer.said.code);
  }).catch(offerUnchecked).then(function () { one("go").removeAttribute("aria-disabled"); });
}
// Without network a code is only looked at for slips; the person chooses whether to answer all the
// same, and which letter it is where several surveys run. The server decides when the form arrives.
function offerUnchecked() {
  var code = one("code").value, wrong = one("wrong"), rounds = keptRounds(), choices = one("choices");
  if (!fits(code)) { say("wrong", wrong.dataset.slip); one("code").focus(); return; }
  if (!rounds.length) { say("wrong", wrong.dataset.offline); return; }
  choices.textContent = "";
  rounds.forEach(function (round) {
    var button = document.createElement("button"), lang = document.documentElement.lang;
    button.type = "button";
    button.textContent = choices.dataset.begin.replace("{title}", round.title[lang] || round.title.vi);
    button.addEventListener("click", function () {
      one("code").value = "";
      location.replace(round.address + "?lang=" + lang + "#" + code);
    });
    choices.appendChild(button);
  });
  one("unchecked").hidden = false;
  one("unchecked").focus();
}

// Forms of people who have left: sealed, so nothing of them can be seen; gone when counted.
function sendWaiting() {
  return waiting().then(function (records) {
    return Promise.all(records.map(function (record) {
      return send(record).then(function (outcome) {
        if (outcome.state !== "waiting") return settled(record, outcome);
        return undefined;
      });
    }));
  }).catch(function () {});
}

// How many forms are in a state, for staff; more than their number the tablet cannot tell.
function told(id, state) {
  inState(state).then(function (records) {
    say(id, records.length ? one(id).dataset.text.replace("{n}", records.length) : "");
  }).catch(function () {});
}
function showStaff(shown) {
  one("leave").hidden = !shown;
  one("staff").setAttribute("aria-expanded", String(shown));
  one("pin").value = "";
  say("refused", "");
  if (!shown) return;
  one("pin").focus();
  told("unsent", "waiting");
  told("uncounted", "refused");
}
function letOut(event) {
  event.preventDefault();
  var pin = one("pin").value;
  one("pin").value = "";
  post("/k/leave", { pin: pin }).then(function (answer) {
    if (!answer.ok) { say("refused", answer.said.message); one("pin").focus(); return undefined; }
    return forgetPages().catch(function () {}).then(function () {
      window.removeEventListener("popstate", guard);
      location.replace("/");
    });
  }).catch(function () { say("refused", one("refused").dataset.offline); });
}

// One entry of the history more than the page, so that "back" stays here.
function guard() {
  if (!history.state || !history.state.guard) history.pushState({ guard: true }, "");
}
// A code that somebody began to type, or staff's field, is not left for the next one.
function tick() {
  if (Date.now() - touched < 1000 * IDLE) return;
  type("");
  showStaff(false);
  touched = Date.now();
}

document.addEventListener("DOMContentLoaded", function () {
  var field = one("code");
  type("");
  field.addEventListener("input", function () { type(field.value); });
  one("open").addEventListener("submit", openForm);
  one("keys").addEventListener("click", function (event) {
    var key = event.target.dataset.key;
    if (key) type(field.value + key);
    if (event.target.id === "erase") type(field.value.replace(/-?.$/, ""));
    if (event.target.id === "clear") type("");
  });
  one("staff").addEventListener("click", function () { showStaff(one("leave").hidden); });
  one("stay").addEventListener("click", function () { showStaff(false); one("staff").focus(); });
  one("leave").addEventListener("submit", letOut);
  Array.prototype.forEach.call(document.querySelectorAll("[data-lang]"), function (link) {
    link.addEventListener("click", function (event) { event.preventDefault(); location.replace(link.href); });
  });
  ["pointerdown", "keydown"].forEach(function (kind) {
    window.addEventListener(kind, function () { touched = Date.now(); guard(); }, { capture: true, passive: true });
  });
  window.addEventListener("popstate", guard);
  window.addEventListener("contextmenu", function (event) { event.preventDefault(); });
  window.addEventListener("pageshow", function () { type(""); });
  window.addEventListener("online", sendWaiting);
  guard();
  holdPages();
  sendWaiting();
  setInterval(tick, 1000);
  setInterval(sendWaiting, 1000 * RESEND);
});
