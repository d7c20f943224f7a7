/** Turns a <details> into a sheet: from the bottom on phones, from the side on PCs. What was typed stays when it closes. */
import { makeButton, makeDialog, makeIcon } from "./dialog.js";

/** @param {HTMLElement} element */
export function start(element) {
  const details = /** @type {HTMLDetailsElement} */ (element);
  const body = details.querySelector(".sheet-body");
  const summary = details.querySelector("summary");
  if (!(body instanceof HTMLElement) || !summary) return;
  const wasOpen = details.open;
  details.open = false;
  summary.addEventListener("click", (event) => {
    event.preventDefault();
    open(details, body);
  });
  if (wasOpen) open(details, body);
}

/**
 * @param {HTMLDetailsElement} details
 * @param {HTMLElement} body
 */
function open(details, body) {
  const dialog = makeDialog("sheet-dialog", details.querySelector(".sheet-title")?.textContent ?? "");
  const close = makeButton("", "sheet-close", () => dialog.close());
  close.setAttribute("aria-label", "关闭");
  close.append(makeIcon("close"));
  dialog.append(body, close);
  dialog.addEventListener("close", () => details.append(body));
  dialog.showModal();
}
