/** A part of a page is brought to what the server says now, around what somebody is typing in it. */
import htmx from "../lib/htmx.js";

/** Forms in which something was typed, chosen or has the cursor. @param {ParentNode} part @returns {HTMLFormElement[]} */
export function typed(part) {
  const forms = part instanceof HTMLFormElement ? [part] : [...part.querySelectorAll("form")];
  return forms.filter((form) => form.contains(document.activeElement) || [...form.elements].some(changed));
}

/** @param {Element} field */
function changed(field) {
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  if (field instanceof HTMLSelectElement) {
    return [...field.options].some((one) => one.selected !== one.defaultSelected) && field.selectedIndex > 0;
  }
  if (!(field instanceof HTMLInputElement) || field.type === "hidden") return false;
  if (field.type === "file") return Boolean(field.files?.length);
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

/**
 * @param {HTMLElement} part
 * @param {Document} fresh the page as it is now
 * @param {HTMLFormElement[]} kept forms that are left as they are
 */
export function morph(part, fresh, kept) {
  const now = part.id ? fresh.getElementById(part.id) : null;
  if (!now) return;
  const lost = kept.filter((form) => !counterpart(form, now));
  if (lost.length) {
    // What is typed here can no longer be sent as it is; the person reads that and decides.
    say(part);
    return;
  }
  for (const [place, details] of [...part.querySelectorAll("details")].entries()) {
    const same = now.querySelectorAll("details")[place];
    if (details.open && same) same.open = true;
  }
  for (const form of kept) form.setAttribute("hx-morph-skip", "");
  htmx.swap({ text: now.outerHTML, target: part, swap: "outerMorph" });
  for (const form of kept) form.removeAttribute("hx-morph-skip");
}

/** @param {HTMLFormElement} form @param {Element} now */
function counterpart(form, now) {
  const action = form.getAttribute("action") ?? "";
  return [...now.querySelectorAll("form")].find((one) => (one.getAttribute("action") ?? "") === action);
}

/** @param {HTMLElement} part */
function say(part) {
  if (part.querySelector("[data-live-said]")) return;
  const line = document.createElement("p");
  line.className = "live-said";
  line.dataset.liveSaid = "";
  line.setAttribute("role", "status");
  line.textContent = "刚刚有人办了这件事,这一步可能不用再做。您写的还在,看好了再发。";
  part.prepend(line);
}
