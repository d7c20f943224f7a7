/** Keys for the desk: j and k go down and up the list, Enter opens (as on any link), / goes to the search. */
import { off } from "../desk/actions.js";

/** @param {HTMLElement} list */
export function start(list) {
  document.addEventListener("keydown", (event) => {
    if (!list.isConnected || off() || typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j") step(list, 1);
    else if (event.key === "k") step(list, -1);
    else if (event.key === "/") search();
    else return;
    event.preventDefault();
  });
}

/**
 * @param {HTMLElement} list
 * @param {number} by
 */
function step(list, by) {
  const links = /** @type {HTMLElement[]} */ ([...list.querySelectorAll(".row-title")]);
  const here = links.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const start = here >= 0 ? here : links.findIndex((link) => link.getAttribute("aria-current"));
  const next = links[Math.max(0, Math.min(links.length - 1, start + by))];
  next?.focus();
  next?.closest(".row")?.scrollIntoView({ block: "nearest" });
}

function search() {
  const field = document.querySelector("[data-search]");
  if (field instanceof HTMLElement) field.focus();
}

/** @param {EventTarget | null} target */
function typing(target) {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}
