/** The letters of a case's steps: each element with data-key is pressed by its key, unless somebody is typing. */

const OFF = "huying_keys_off";

/** @param {HTMLElement} page */
export function start(page) {
  document.addEventListener("keydown", (event) => {
    if (!page.isConnected || off() || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target) && event.key !== "Escape") return;
    const pressed = page.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!(pressed instanceof HTMLElement)) return;
    event.preventDefault();
    pressed.click();
  });
}

/** Whether the person turned the keys off, as who speaks to the computer must be able to. */
export function off() {
  return localStorage.getItem(OFF) === "1";
}

/** @param {boolean} on */
export function turn(on) {
  if (on) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "1");
}

/** @param {EventTarget | null} target */
function typing(target) {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}
