/** The entry of a contact becomes a deed of the outbox: what was tapped is kept at once, and sent when it can be. */
import { newId } from "../clock.js";
import { becomeDeed } from "../phone/deed.js";

const LONGEST = 2_000;

/** @typedef {import("../protocol.d.ts").LinkedHousehold} Household */

/** @param {HTMLFormElement} form @param {Household} household */
export async function becomeContact(form, household) {
  const mends = new URLSearchParams(location.search).get("mend");
  await becomeDeed(form, {
    name: `contact/${household.id}${mends ? `/${mends}` : ""}`,
    verb: "contact",
    strips: {},
    most: 0,
    mends,
    anew: location.href,
    filled: () => open(form),
    meaning: ({ fields }) => meaning(fields, household),
    saved: () => location.assign("/households"),
  });
}

/** What is needed stands open where something was written there. @param {HTMLFormElement} form */
function open(form) {
  const needs = form.querySelector("[name=needs]");
  if (needs instanceof HTMLTextAreaElement && needs.value) needs.closest("details")?.setAttribute("open", "");
}

/**
 * What was tapped and written, as the verb takes it; or what has to be mended.
 * @param {import("../drafts.js").Fields} fields
 * @param {Pick<Household, "id" | "private">} household
 * @returns {import("../phone/deed.js").Meaning}
 */
export function meaning(fields, household) {
  const of = new Map(fields);
  const said = (of.get("said") ?? "").trim();
  const needs = (of.get("needs") ?? "").trim();
  const ask = of.has("ask");
  /** @type {Record<string, string>} */
  const wrong = {};
  if (!of.get("way")) wrong.way = "请选怎么联系的。";
  if (!of.get("outcome")) wrong.outcome = "请选见到了没有。";
  if (said.length > LONGEST) wrong.said = `太长了(${said.length} 字),请缩短到 ${LONGEST} 字以内。`;
  if (needs.length > LONGEST) wrong.needs = `太长了(${needs.length} 字),请缩短到 ${LONGEST} 字以内。`;
  else if (ask && !needs) wrong.needs = "请写需要什么,才能报给书记。";
  if (Object.keys(wrong).length) return { wrong };
  return {
    data: {
      id: newId(),
      household: household.id,
      way: of.get("way"),
      outcome: of.get("outcome"),
      topics: fields.filter(([name]) => name === "topics").map(([, value]) => value),
      said,
      needs,
      next_on: of.get("next_on") || null,
      corrects: null,
      ask,
      private: ask ? of.has("private") : null,
    },
  };
}
