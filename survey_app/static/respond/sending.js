// Sends a finished form, in the page or in the worker: each time with the same key, so that it
// counts once however often it is sent. Only an answer of ours in JSON ends the waiting: the page
// that a hotel or a bus puts in between does not.
function send(record) {
  return fetch(record.url, {
    method: "POST",
    credentials: "same-origin",
    headers: {
      "Accept": "application/json",
      "Content-Type": "application/x-www-form-urlencoded",
      "Idempotency-Key": record.key
    },
    body: record.body
  }).then(function (answer) {
    if (answer.status >= 500 || answer.status === 429) return { state: "waiting" };
    return answer.json().then(function (said) {
      if (said.receipt) return { state: "sent", receipt: said.receipt };
      if (said.problems) return { state: "open", problems: said.problems };
      if (said.message) return { state: "refused", message: said.message };
      return { state: "waiting" };
    });
  }).catch(function () { return { state: "waiting" }; });
}
