/** Loads htmx and, for each behaviour that something on the page asks for, the module that has it. */
import "../lib/htmx.js";
import "./confirm.js";
import "./once.js";
import { start as focus } from "./focus.js";
import { start as grow } from "./grow.js";
import { start as install } from "./install.js";
import "./unread.js";

/** Which module serves which elements; each exports `start(element)`. Everything works without them. */
const BEHAVIOURS = {
  "[data-photos]": () => import("./photos.js"),
  "[data-photo-field]": () => import("./photo-field.js"),
  "[data-grow]": async () => ({ start: grow }),
  "[data-copy]": () => import("./copy.js"),
  "[data-sheet]": () => import("./sheet.js"),
  "[data-toast]": () => import("./toast.js"),
  "[data-look]": () => import("./look.js"),
  "[data-keys]": () => import("./keys.js"),
  "[data-actions]": () => import("../desk/actions.js"),
  "[data-key-help]": () => import("../desk/key-help.js"),
  "[data-print]": () => import("../desk/print.js"),
  "[data-dial]": () => import("../desk/dial.js"),
  "[data-map]": () => import("./map.js"),
  "[data-focus]": async () => ({ start: focus }),
  "[data-install]": async () => ({ start: install }),
  "[data-push]": () => import("./push.js"),
  "[data-storage]": () => import("./persist.js"),
  "[data-scan]": () => import("../phone/scan.js"),
  "[data-here]": () => import("../places/here.js"),
  "[data-on-phone]": () => import("../phone/on-phone.js"),
  "form[data-sign-out]": () => import("../phone/sign-out.js"),
  "[data-deed]": () => import("../phone/unit-forms.js"),
  "[data-marked]": () => import("../phone/unit-marks.js"),
  "[data-questions]": () => import("../forms/asked.js"),
  "[data-checklist-preview]": () => import("../forms/checklist-preview.js"),
};

/** @type {WeakMap<Element, Set<string>>} */
const started = new WeakMap();

/** @param {ParentNode} root */
async function look(root) {
  const begun = Object.entries(BEHAVIOURS).flatMap(([selector, load]) =>
    matching(root, selector).map((element) => begin(element, selector, load)),
  );
  await Promise.all(begun);
}

/**
 * @param {HTMLElement} element
 * @param {string} selector
 * @param {() => Promise<{start: (element: HTMLElement) => void}>} load
 */
async function begin(element, selector, load) {
  const done = started.get(element) ?? new Set();
  if (done.has(selector)) return;
  started.set(element, done.add(selector));
  (await load()).start(element);
}

/**
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement[]}
 */
function matching(root, selector) {
  const within = [...root.querySelectorAll(selector)];
  if (root instanceof Element && root.matches(selector)) within.unshift(root);
  return within.filter((element) => element instanceof HTMLElement);
}

new MutationObserver((changes) => {
  for (const change of changes) {
    for (const node of change.addedNodes) if (node instanceof HTMLElement) look(node);
  }
}).observe(document.body, { childList: true, subtree: true });
await look(document);
document.documentElement.dataset.ready = "";
// After all that the page itself needs.
const later = () => Promise.all([import("./register.js"), import("../phone/waiting.js"), live(), today()]);
const today = async () => {
  if (globalThis.Notification?.permission === "granted") await (await import("../phone/today.js")).remind();
};
const live = async () => {
  if (document.querySelector("[data-unread]")) (await import("./live.js")).begin();
};
if (document.readyState === "complete") later();
else window.addEventListener("load", later, { once: true });
