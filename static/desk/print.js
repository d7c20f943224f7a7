/** Prints the page that is shown. */

/** @param {HTMLElement} button */
export function start(button) {
  button.addEventListener("click", () => window.print());
}
