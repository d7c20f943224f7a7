/** A form is sent once: a second tap while it is on its way does nothing, and the button says that it is on its way. */

/** @type {Map<HTMLFormElement, HTMLElement | null>} */
const underway = new Map();
/** After this long without an answer another try is allowed; the command's id makes it harmless. */
const PATIENCE = 30_000;

document.addEventListener("submit", send, { capture: true });
document.addEventListener("htmx:finally:request", (event) => settle(event.target));
window.addEventListener("pageshow", () => {
  for (const form of [...underway.keys()]) settle(form);
});

/** @param {SubmitEvent} event */
function send(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !changes(form)) return;
  if (underway.has(form)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  const button = event.submitter;
  underway.set(form, button);
  button?.setAttribute("aria-busy", "true");
  setTimeout(() => settle(form), PATIENCE);
  setTimeout(() => {
    // Somebody else took the form over, or kept it from being sent.
    if (event.defaultPrevented && !form.matches("[hx-post]")) settle(form);
  });
}

/** @param {EventTarget | null} target */
function settle(target) {
  const form = target instanceof Element ? target.closest("form") : null;
  if (!form) return;
  underway.get(form)?.removeAttribute("aria-busy");
  underway.delete(form);
}

/** @param {HTMLFormElement} form */
function changes(form) {
  return form.method === "post" || form.matches("[hx-post]");
}
