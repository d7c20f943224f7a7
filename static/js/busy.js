/** Whether somebody is in the middle of something on this page that must not be interrupted. */

/** Forms that somebody touched and that were not sent since. @type {WeakSet<Element>} */
const touched = new WeakSet();

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => {
    const form = target instanceof Element && target.closest("form");
    if (form) touched.add(form);
  });
}
document.addEventListener("submit", ({ target }) => {
  // Sent for good only if the page goes away; htmx answers put another form in its place.
  if (target instanceof Element && target.matches("[hx-post]")) touched.delete(target);
});

/** A form with something in it, one that has to be mended, an open draft (`data-draft`), or a dialog. */
export function busy() {
  if (document.querySelector("[data-draft], dialog[open], [aria-busy='true'], .upload-one")) return true;
  return [...document.forms].some((form) => form.method === "post" && hasSomething(form));
}

/** @param {HTMLFormElement} form */
function hasSomething(form) {
  if (touched.has(form) || form.querySelector("[aria-invalid]")) return true;
  return [...form.elements].some((field) => {
    if (field instanceof HTMLTextAreaElement) return field.value !== "";
    if (!(field instanceof HTMLInputElement) || field.type === "hidden") return false;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    return field.value !== field.defaultValue;
  });
}
