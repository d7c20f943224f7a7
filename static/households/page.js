/**
 * A member's linked households: the list, one of them, and the entry of a contact. All from the working set and the
 * outbox, online and offline alike.
 */
import { nothing, render } from "../lib/lit-html.js";
import { topbar } from "../phone/draw.js";
import { ABLE, drawn, thePhone } from "../phone/open.js";
import { becomeContact } from "./contact.js";
import { gone, list, none, one } from "./view.js";

/** @typedef {import("../protocol.d.ts").LinkedHousehold} Household */
/** @typedef {import("../outbox.js").Item} Item */

const page = /** @type {HTMLElement} */ (document.querySelector("#page"));
const id = /^\/households\/([0-9a-f-]{36})/.exec(location.pathname)?.[1];

if (ABLE) await begin();
else document.querySelector("#unable")?.removeAttribute("hidden");
page.removeAttribute("aria-busy");

async function begin() {
  const { dispatch } = thePhone();
  let last = "";
  let written = false;
  const draw = async () => {
    const { outbox } = thePhone();
    const households = /** @type {Household[] | null} */ (await outbox.section("households"));
    const unsent = (await outbox.list()).filter(({ verb }) => verb === "contact");
    const now = JSON.stringify([households, unsent.map(({ id, state, words }) => [id, state, words])]);
    if (now === last) return;
    last = now;
    const household = households?.find((one) => one.id === id);
    if (!id || !household) {
      topbar(id ? "联系户" : "联系户", id ? "/households" : "");
      show(households === null ? none() : id ? gone() : list(households, unsent));
      return;
    }
    // What is being written stays; only what stands around it is drawn anew.
    if (written) return;
    written = true;
    topbar(household.words, "/households");
    show(one(household, unsent, call));
    const form = page.querySelector("form[data-contact]");
    if (form instanceof HTMLFormElement) await becomeContact(form, household);
  };
  dispatch.listen(() => draw().catch(() => {}));
  await draw();
  drawn();
}

/** @param {unknown} template */
function show(template) {
  page.querySelector(".skeleton")?.remove();
  render(template ?? nothing, page);
}

/**
 * One tap calls: the link is the reason, the tap is the event; the entry begins as a call.
 * @param {string} household
 * @param {string} person
 */
function call(household, person) {
  const phoned = page.querySelector("form[data-contact] [name=way][value=phone]");
  if (phoned instanceof HTMLInputElement) {
    phoned.checked = true;
    phoned.dispatchEvent(new Event("change", { bubbles: true }));
  }
  return thePhone().outbox.add({ verb: "ring", data: { household, person } });
}
