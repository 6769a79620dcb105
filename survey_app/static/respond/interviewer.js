// An interviewer's phone: the form of one assigned case. An unfinished one is kept on the phone,
// a finished one sealed; from then on nobody can look at it there.
drafts = false;
device.worker = "/i/sw.js";
device.scope = "/i/";
device.post = sealUp;
device.settle = function (outcome) {
  settled(record, outcome).catch(function () {});
  if (outcome.state !== "sent") return;
  record.fields = {};
  record.body = "";
  form.reset();
};
// All cases share the address of the page, so a reload finds its case by what this tab knows.
// The list leaves the name of the unit here too.
try {
  unit = sessionStorage.getItem("unit") || "";
  if (location.hash.length > 1) sessionStorage.setItem("case", location.hash);
  else history.replaceState(history.state, "", location.href + (sessionStorage.getItem("case") || ""));
} catch (error) { /* the list leads here again */ }
