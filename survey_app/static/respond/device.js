// What becomes of a form on this device. These are the ways of a respondent's own phone; a tablet
// at a counter (kiosk.js) and an interviewer's phone (interviewer.js) put theirs in their place.
var device = {
  worker: "/s/sw.js", scope: "/s/f/",
  // Whether nothing of the form is to be kept here.
  passing: false,
  // Whether the time of answering is measured: not where somebody else reads out and taps.
  timed: true,
  begun: function () {},
  start: remember,
  look: recordOf,
  keep: keep,
  mark: function (topic) { history.pushState({ topic: topic.id }, ""); },
  returned: recall,
  post: save,
  settle: function (outcome) {
    if (outcome.state === "sent") wipe();
    else settled(record, outcome).catch(function () {});
  }
};
