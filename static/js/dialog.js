/**
 * A modal dialog that closes by its cross, by Escape and by a tap beside it, and is gone afterwards.
 * @param {string} className
 * @param {string} label what a screen reader calls it
 * @returns {HTMLDialogElement}
 */
export function makeDialog(className, label) {
  const dialog = document.createElement("dialog");
  dialog.className = className;
  dialog.setAttribute("aria-label", label);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  return dialog;
}

/**
 * @param {string} text
 * @param {string} className
 * @param {() => void} act
 * @returns {HTMLButtonElement}
 */
export function makeButton(text, className, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = className;
  button.textContent = text;
  button.addEventListener("click", act);
  return button;
}

/**
 * A line icon of the sprite, found beside this module under the same hash.
 * @param {string} name
 * @returns {SVGElement}
 */
export function makeIcon(name) {
  const space = "http://www.w3.org/2000/svg";
  const icon = document.createElementNS(space, "svg");
  icon.setAttribute("class", "icon");
  icon.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${new URL("../icons/sprite.svg", import.meta.url).pathname}#${name}`);
  icon.append(use);
  return icon;
}
