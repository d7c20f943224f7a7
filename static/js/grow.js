/** A text area as high as its text, so that nothing typed is out of sight. */

/** @param {HTMLElement} area */
export function start(area) {
  if (CSS.supports("field-sizing", "content")) return;
  const fit = () => {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  };
  area.addEventListener("input", fit);
  fit();
}
