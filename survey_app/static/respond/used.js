// On the page of a used code: whether it was this phone that sent the form, as the worker may do
// while no page is open. The receipt is shown once, then nothing of the form is left here.
function told(receipt) {
  document.getElementById("own-receipt").textContent = receipt;
  document.getElementById("own").hidden = false;
}
document.addEventListener("DOMContentLoaded", function () {
  var receipt = null, name = location.pathname.split("/").pop();
  try { receipt = sessionStorage.getItem(location.pathname); } catch (error) { /* not needed */ }
  if (receipt) { told(receipt); return; }
  (/^.s.f./.test(location.pathname) ? recordAt(location.pathname) : recordOf(name.replace(/-/g, "").toUpperCase()))
    .then(function (found) {
      if (!found || found.state !== "sent") return undefined;
      told(found.receipt);
      return forget(found.id);
    }).catch(function () { /* a phone that keeps nothing has nothing to tell */ });
});
