/** Shows which keys there are, and lets them be turned off. */
import { off, turn } from "./actions.js";

/** @param {HTMLElement} help */
export function start(help) {
  const box = help.querySelector("[data-keys-on]");
  if (!(box instanceof HTMLInputElement)) return;
  box.checked = !off();
  box.addEventListener("change", () => turn(box.checked));
}
