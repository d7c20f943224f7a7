/** Pieces of the pages (web/templates/pieces/) for pages that are drawn on the phone, same classes, same words. */
import { html, nothing, render, svg } from "../lib/lit-html.js";
import { STATES } from "../outbox.js";
import { drawn } from "./open.js";
import { due } from "./words.js";

const SPRITE = new URL("../icons/sprite.svg", import.meta.url).pathname;
const ICONS = { saved: "phone-saved", sending: "sync", received: "done", need: "need" };

/** A line icon; `bare`: only what stands within its svg. @param {string} name @param {boolean} [bare] */
export function sign(name, bare = false) {
  const use = svg`<use href="${SPRITE}#${name}"></use>`;
  return bare ? use : html`<svg class="icon" aria-hidden="true">${use}</svg>`;
}

/** @param {keyof typeof STATES} state @param {string} [more] */
export function syncPill(state, more = "") {
  return html`<span class="sync ${state}">${sign(ICONS[state])}${STATES[state]}${more}</span>`;
}

/** @param {string} meaning @param {string} word */
export function chip(meaning, word) {
  return html`<span class="chip ${meaning}">${sign(meaning)}${word}</span>`;
}

/** @param {string | null} moment */
export function dueChip(moment) {
  const said = due(moment);
  if (!said) return nothing;
  return html`<span class="due ${said.state}">${sign(said.state === "over" ? "need" : "waiting")}${said.words}</span>`;
}

/** Pages that were drawn before. @type {WeakSet<HTMLElement>} */
const before = new WeakSet();

/** Draws into a page; the first time in place of its skeleton, which lit would leave. @param {unknown} template @param {HTMLElement} page */
export function paint(template, page) {
  if (!before.has(page)) page.replaceChildren();
  before.add(page);
  render(template, page);
  page.removeAttribute("aria-busy");
  drawn();
}

/** The title of a page that is drawn on the phone, and the way back. @param {string} title @param {string} back a path, or empty */
export function topbar(title, back) {
  const place = /** @type {HTMLElement | null} */ (document.querySelector("[data-topbar]"));
  const heading = place?.querySelector(".topbar-title");
  if (heading) heading.textContent = title;
  if (!back || !place || place.querySelector(".topbar-back")) return;
  const link = document.createElement("a");
  link.className = "topbar-back";
  link.href = back;
  link.setAttribute("aria-label", "返回");
  render(sign("back"), link);
  place.querySelector(".topbar-in")?.prepend(link);
}
