/** Copies a number and says so. */

/** @param {HTMLElement} button */
export function start(button) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy ?? "");
    const word = button.querySelector("span");
    if (!word) return;
    word.textContent = "已复制";
    setTimeout(() => {
      word.textContent = "复制";
    }, 2000);
  });
}
