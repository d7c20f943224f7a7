/** The number of unread notices on the tab 消息; answers to htmx say it anew (web/unread.py). */

const MOST = 100;

/** @param {number} count */
export function show(count) {
  for (const place of document.querySelectorAll("[data-unread]")) {
    if (!(place instanceof HTMLElement)) continue;
    place.dataset.unread = String(count);
    place.hidden = count === 0;
    const [number] = place.childNodes;
    if (number) number.textContent = count < MOST ? String(count) : "99+";
  }
}

document.addEventListener("htmx:after:request", (event) => {
  const headers = /** @type {CustomEvent} */ (event).detail?.ctx?.response?.headers;
  const said = headers?.get?.("huying-unread");
  if (said) show(Number(said));
});
