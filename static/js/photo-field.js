/** Shows the photos that were chosen at once, and how many there are. */

/** @param {HTMLElement} field */
export function start(field) {
  const input = field.querySelector("input[type=file]");
  const chosen = field.querySelector("[data-photo-chosen]");
  if (!(input instanceof HTMLInputElement) || !(chosen instanceof HTMLElement)) return;
  field.classList.add("with-js");
  input.addEventListener("change", () => {
    for (const image of chosen.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    chosen.replaceChildren(...[...(input.files ?? [])].map(picture));
    chosen.hidden = !input.files?.length;
  });
}

/**
 * @param {File} file
 * @param {number} index
 */
function picture(file, index) {
  const image = document.createElement("img");
  image.src = URL.createObjectURL(file);
  image.alt = `选好的第 ${index + 1} 张照片`;
  // A format that this browser cannot show (HEIC) is taken all the same: its name stands for it.
  image.addEventListener("error", () => {
    URL.revokeObjectURL(image.src);
    const name = document.createElement("span");
    name.className = "photo-name";
    name.textContent = file.name;
    image.replaceWith(name);
  });
  return image;
}
