// What becomes of a form on this device. These are the ways of a respondent's own phone; a tablet
// at a counter (kiosk.js) and an interviewer's phone (interviewer.js) put theirs in their place.
var device = {
  worker: "/s/sw.js", scope: "/s/f/",
  start: remember,
  keep: keep,
  mark: function (topic) { history.pushState({ topic: topic.id }, ""); },
  returned: recall,
  post: save,
  settle: function (outcome) {
    if (outcome.state === "sent") wipe();
    else settled(record, outcome).catch(function () {});
  }
};
