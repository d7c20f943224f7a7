/** Prints the page that is shown. */

/** @param {HTMLElement} button */
export function start(button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
