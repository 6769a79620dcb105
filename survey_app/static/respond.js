// Shows the questionnaire one topic at a time. Without this file the page is one plain form that
// is sent once; everything here only changes what is in view. Answers live in the form alone.
// Written for Chromium 83: no syntax newer than ES2018.
(function () {
  "use strict";
  var root = document.documentElement;
  var form, topics, steps, current, asked, changed = false, sending = false, code = "";

  function all(selector, within) {
    return Array.prototype.slice.call((within || document).querySelectorAll(selector));
  }
  function one(id) {
    return document.getElementById(id);
  }
  function listed(text) {
    return text ? JSON.parse(text) : [];
  }
  function filled(input) {
    return /^(radio|checkbox)$/.test(input.type) ? input.checked : input.value.trim() !== "";
  }
  function fill(text, numbers) {
    return text.replace(/\{(\w+)\}/g, function (all, name) { return numbers[name]; });
  }

  // The code comes behind the # of the link; it leaves the address bar at once.
  function takeCode() {
    var behind = location.hash.slice(1);
    if (/^\w{4}(-?\w{4}){3}-?\w$/.test(behind)) {
      code = behind;
      history.replaceState(null, "", location.pathname + location.search);
    }
    if (code) form.elements.code.value = code;
  }

  // Which questions are met: the same walk as questionnaires/routing.py, on what it compiled.
  function holds(conditions, counted) {
    return conditions.every(function (condition) {
      return (counted[condition[0]] || []).some(function (value) {
        return condition[1].indexOf(value) >= 0;
      });
    });
  }
  function given(name) {
    return all('[name="' + name + '"]', form).filter(filled).map(function (input) {
      return input.value.trim();
    });
  }
  function route() {
    var counted = {}, resume = 0;
    steps.forEach(function (step, position) {
      var met = position >= resume && holds(step.conditions, counted);
      step.element.hidden = !met;
      if (!met) return;
      if (routed) step.fields.forEach(function (name) { counted[name] = given(name); });
      step.jumps.some(function (jump) {
        if (!holds(jump[0], counted)) return false;
        resume = jump[1];
        return true;
      });
    });
  }
  function road() {
    return topics.filter(function (topic) {
      var questions = all(".q", topic);
      return !questions.length || questions.some(function (question) { return !question.hidden; });
    });
  }

  // Which items in view are still without answer. An open text is never asked for.
  function items(topic) {
    return all(".item[data-ask]", topic).filter(function (item) { return !item.closest("[hidden]"); });
  }
  function blank(topic) {
    return items(topic).filter(function (item) {
      return !all("input:not(.short),select,textarea", item).some(filled);
    });
  }

  function show(topic, focus) {
    route();
    var seen = road(), place = seen.indexOf(topic), last = topic === topics[topics.length - 1];
    current = topic;
    topics.forEach(function (each) { each.classList.toggle("on", each === topic); });
    var count = seen.length - 1, bar = one("bar"), nav = one("nav"), where = one("where");
    where.hidden = place === 0;
    bar.max = count;
    bar.value = place;
    var words = fill(where.dataset.text, { n: place, all: count });
    one("at").textContent = words;
    var heading = topic.querySelector("h1,h2");
    document.title = (place ? words + " – " : "") + heading.textContent;
    one("back").hidden = place === 0;
    one("next").hidden = last;
    one("next").textContent = nav.dataset[place === 0 ? "start" : "next"];
    one("missing").hidden = true;
    // What is wrong with the form stands above the topics that it is about, and at the end.
    if (one("problems")) one("problems").hidden = !last && !topic.querySelector(".wrong");
    if (last) tally(seen);
    all(".scale", topic).forEach(fit);
    if (focus) {
      (focus === true ? heading : focus).focus({ preventScroll: true });
      if (focus === true) window.scrollTo(0, 0);
      else focus.scrollIntoView();
    }
  }
  // Words that do not fit beside each other (very large type) go below each other.
  function fit(scale) {
    scale.classList.remove("stack");
    var choices = all(".option", scale), words = all("span", scale);
    var stacked = choices.length > 1 && choices[1].offsetTop > choices[0].offsetTop;
    scale.classList.toggle("stack", stacked || words.some(function (label) {
      return label.scrollWidth > label.clientWidth + 1;
    }));
  }
  function tally(seen) {
    var total = 0, open = 0, first = null, note = one("tally");
    seen.forEach(function (topic) {
      var without = blank(topic);
      total += items(topic).length;
      open += without.length;
      first = first || without[0];
    });
    note.querySelector("p").textContent = fill(note.dataset.text, { n: total - open, all: total });
    var link = note.querySelector("a");
    link.hidden = !first;
    if (first) link.href = "#" + first.id;
    note.hidden = false;
  }

  // Each topic asks for missing answers once, then goes on without them.
  function next() {
    var seen = road(), place = seen.indexOf(current), without = blank(current), box = one("missing");
    if (without.length && asked.indexOf(current) < 0) {
      asked.push(current);
      var list = box.querySelector("ul");
      list.textContent = "";
      without.forEach(function (item) {
        var row = document.createElement("li"), link = document.createElement("a");
        link.href = "#" + item.id;
        link.textContent = item.querySelector("legend,.ask").textContent;
        row.appendChild(link);
        list.appendChild(row);
      });
      box.querySelector("h2").textContent = fill(box.dataset.text, { n: without.length });
      box.hidden = false;
      one("next").textContent = one("nav").dataset.skip;
      box.focus();
      box.scrollIntoView();
      return;
    }
    go(seen[place + 1]);
  }
  function go(topic) {
    if (!topic) return;
    history.pushState({ topic: topic.id }, "");
    show(topic, true);
  }
  function back() {
    var seen = road();
    if (history.state && history.state.topic === current.id) history.back();
    else show(seen[Math.max(0, seen.indexOf(current) - 1)], true);
  }
  // A history entry may name a topic that is no longer on the road: the one before it is shown.
  function recall(state) {
    var at = Math.max(0, topics.indexOf(one((state || {}).topic)));
    var seen = road().filter(function (topic) { return topics.indexOf(topic) <= at; });
    show(seen[seen.length - 1], true);
  }

  function react(input) {
    var item = input.closest(".item");
    if (input.checked && input.type === "checkbox") {
      all("input[type=checkbox]", item).forEach(function (other) {
        if (other !== input && ("alone" in input.dataset || "alone" in other.dataset)) other.checked = false;
      });
    }
    if (item) unfold(item);
    if (routed) route();
  }
  // A short text belongs to the choice before it.
  function unfold(item) {
    all(".more", item).forEach(function (more) {
      var chosen = more.previousElementSibling.querySelector("input").checked;
      more.hidden = !chosen && !more.classList.contains("wrong");
    });
  }
  function measure(area) {
    var left = area.dataset.max - Array.from(area.value.replace(/\r\n?/g, "\n").normalize("NFC")).length;
    var note = one(area.getAttribute("data-count"));
    note.textContent = fill(left < 0 ? note.dataset.over : note.dataset.left, { n: Math.abs(left) });
    note.classList.toggle("over", left < 0);
  }

  function ready() {
    sending = false;
    var button = one("send-button");
    button.removeAttribute("aria-disabled");
    button.textContent = button.dataset.text;
  }
  function submit(event) {
    if (current !== topics[topics.length - 1]) {
      event.preventDefault();
      next();
    } else if (sending) {
      event.preventDefault();
    } else {
      var button = one("send-button");
      sending = true;
      button.setAttribute("aria-disabled", "true");
      button.textContent = button.dataset.busy;
      // A line that hangs must not lock the button for ever; the code counts once in any case.
      setTimeout(ready, 20000);
    }
  }

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
      all("input,select,textarea", form).forEach(function (input) {
        if (filled(input)) (kept[input.name] = kept[input.name] || []).push(input.value);
      });
      var done = asked.map(function (topic) { return topic.id; });
      root.lang = other.documentElement.lang;
      document.body = document.adoptNode(other.body);
      all("input,select,textarea", one("form")).forEach(function (input) {
        var values = kept[input.name] || [];
        if (/^(radio|checkbox)$/.test(input.type)) input.checked = values.indexOf(input.value) >= 0;
        else if (values.length) input.value = values.shift();
      });
      history.replaceState(history.state, "", url);
      start();
      asked = done.map(one);
      show(one(id), true);
    }).catch(function () {
      one("status").textContent = one("status").dataset.text;
    });
  }

  var routed = false;
  function start() {
    form = one("form");
    topics = all(".topic");
    asked = [];
    steps = all(".q", form).map(function (element) {
      var conditions = listed(element.dataset.if), jumps = listed(element.dataset.goto);
      if (conditions.length || jumps.length) routed = true;
      return { element: element, fields: element.dataset.fields.split(" "), conditions: conditions, jumps: jumps };
    });
    // One topic at a time is a page of its own: its heading leads.
    all(".topic > h2").forEach(function (heading) { heading.setAttribute("aria-level", "1"); });
    all(".q > h3").forEach(function (heading) { heading.setAttribute("aria-level", "2"); });
    takeCode();
    form.addEventListener("submit", submit);
    form.addEventListener("change", function (event) { changed = true; react(event.target); });
    form.addEventListener("input", function (event) {
      changed = true;
      if (event.target.dataset.max) measure(event.target);
    });
    one("next").addEventListener("click", next);
    one("back").addEventListener("click", back);
    all("[data-lang]").forEach(function (link) { link.addEventListener("click", translate); });
    all("textarea[data-max]").forEach(measure);
    all(".item", form).forEach(unfold);
    document.body.addEventListener("click", function (event) {
      var link = event.target.closest('a[href^="#q-"]');
      if (!link) return;
      event.preventDefault();
      var target = one(link.getAttribute("href").slice(1)), topic = target.closest(".topic");
      if (topic !== current) history.pushState({ topic: topic.id }, "");
      show(topic, target);
    });
    ready();
  }

  function open() {
    try {
      start();
      var wrong = form.querySelector(".wrong"), summary = one("problems");
      if (summary) changed = true;
      var topic = wrong ? wrong.closest(".topic") : topics[summary ? topics.length - 1 : 0];
      show(topic, summary || false);
      window.addEventListener("popstate", function (event) { recall(event.state); });
      window.addEventListener("resize", function () { all(".scale", current).forEach(fit); });
      window.addEventListener("pageshow", function () { ready(); all(".item", form).forEach(unfold); route(); });
      window.addEventListener("beforeunload", function (event) {
        if (!changed || sending) return;
        event.preventDefault();
        event.returnValue = "";
      });
    } catch (error) {
      // The plain form is always there to fall back on.
      root.className = "";
      throw error;
    }
  }

  root.className = "js";
  document.addEventListener("DOMContentLoaded", open);
})();
