/** Of a form's questions only those are shown that are asked, given the answers so far. */
import { shown } from "./questions.js";

/**
 * @param {HTMLElement} box element with data-questions (the form as JSON) around elements with data-question
 */
export function start(box) {
  /** @type {import("./questions.js").Question[]} */
  const form = JSON.parse(box.dataset.questions ?? "[]");
  const fit = () => {
    const asked = shown(form, answersIn(box, form));
    for (const one of box.querySelectorAll("[data-question]")) {
      if (one instanceof HTMLElement) one.hidden = !asked.has(one.dataset.question ?? "");
    }
  };
  box.addEventListener("input", fit);
  fit();
}

/**
 * @param {HTMLElement} box
 * @param {import("./questions.js").Question[]} form
 * @returns {Record<string, unknown>}
 */
function answersIn(box, form) {
  const around = box.closest("form");
  if (!around) return {};
  const typed = new FormData(around);
  return Object.fromEntries(form.map((one) => [one.id, answer(one.kind, typed.getAll(`q.${one.id}`).map(String))]));
}

/**
 * @param {import("./questions.js").Kind} kind
 * @param {string[]} sent
 * @returns {unknown}
 */
function answer(kind, sent) {
  if (kind === "choices" || kind === "photo") return sent;
  const text = sent.at(-1) ?? "";
  if (kind === "yes_no") return text === "" ? null : text === "yes";
  return kind === "number" && text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}
