/** One tap calls: the number has just been shown because somebody asked to call it. */

/** @param {HTMLElement} link */
export function start(link) {
  link.focus();
  if (matchMedia("(pointer: coarse)").matches) link.click();
}
