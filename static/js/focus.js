/** After a swap the focus goes to what asks for it, and is never lost to the top of the page. */

document.addEventListener("htmx:after:swap", (event) => {
  const target = /** @type {CustomEvent} */ (event).detail?.ctx?.target;
  if (document.activeElement !== document.body || !(target instanceof HTMLElement) || !target.isConnected) return;
  if (!target.hasAttribute("tabindex")) target.setAttribute("tabindex", "-1");
  target.focus({ preventScroll: true });
});

/** @param {HTMLElement} element */
export function start(element) {
  element.focus();
}
