/**
 * Makes the report one that is kept on this phone: at once where something was kept before, on a first visit at the first
 * touch or after a moment, so that the page itself comes first. Where the browser cannot keep anything, photos go at once.
 */
import { ABLE, known, PEACE, painted } from "../able.js";

const form = document.querySelector("form.report");
/** The form as the phone keeps it: it begins at once, and what every page has comes when it is there. */
const shell = document.querySelector("[data-kept]") !== null;
/** @type {Promise<unknown> | null} */
let begun = null;

if (!ABLE) import("../resident/photos.js");
else if (form instanceof HTMLFormElement) begin(form);
if (shell) {
  await begun;
  await painted();
  await Promise.all([import("../resident/place.js"), import("../js/app.js")]);
}

/** @param {HTMLFormElement} form */
function begin(form) {
  const go = () => {
    begun ??= import("./report.js").then(
      () => form.removeEventListener("submit", hold, { capture: true }),
      () => form.removeEventListener("submit", hold, { capture: true }),
    );
    return begun;
  };
  const hold = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    // Without the module it goes as the ordinary form that it is.
    go().then(() => form.requestSubmit(event.submitter));
  };
  form.addEventListener("submit", hold, { capture: true });
  for (const kind of ["pointerdown", "focusin", "change"]) form.addEventListener(kind, go, { once: true });
  if (shell) return void go();
  const later = () => setTimeout(go, PEACE);
  known().then((kept) => {
    if (kept) go();
    else if (document.readyState === "complete") later();
    else window.addEventListener("load", later, { once: true });
  });
}
