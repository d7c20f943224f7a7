/** One set of words for where unsent work is, on every page; and what of it stands on the app's icon. */
import { makeIcon } from "../js/dialog.js";
import { STATES } from "../outbox.js";
import { badge } from "./badge.js";

/** @typedef {keyof typeof STATES} State */
/** @typedef {{state: State, count: number, unit: string, at: number}} Standing `at`: when it was received, else 0 */

const ICONS = { saved: "phone-saved", sending: "sync", received: "done", need: "need" };

/**
 * Says in `[data-sync]` how it stands, from now on.
 * @param {import("./open.js").Phone} phone
 */
export function shown({ store, outbox, dispatch }) {
  /** @type {number | null} how many there had ever been when the page was opened */
  let before = null;
  let said = "";
  let turn = 0;

  async function draw() {
    const mine = ++turn;
    before ??= await store.received();
    const [counts, came] = [await outbox.counts(), await store.receipts(before)];
    if (mine !== turn) return;
    const standing = standingOf(counts, dispatch.status, came);
    badge({ unsent: counts.saved + counts.need || (counts.photos ? 1 : 0) });
    const now = JSON.stringify(standing);
    if (now !== said) for (const place of document.querySelectorAll("[data-sync]")) say(place, standing);
    said = now;
  }
  const again = () => draw().catch(() => {});
  dispatch.listen(again);
  again();
}

/**
 * The one thing to say, if any: what needs the person goes before what is on its way, and that before what came through.
 * @param {import("../outbox.js").Counts} counts
 * @param {import("../dispatch.js").Status} status
 * @param {{at: number}[]} came what was received since the page was opened, newest first
 * @returns {Standing | null}
 */
export function standingOf({ saved, need, photos }, status, came) {
  const waiting = { count: saved || photos, unit: saved ? "项" : "张照片", at: 0 };
  if (need) return { state: "need", count: need, unit: "项", at: 0 };
  if (saved || photos) {
    if (status.phase === "signIn" || status.phase === "update") return { state: "need", ...waiting };
    return { state: status.sending.length ? "sending" : "saved", ...waiting };
  }
  return came.length ? { state: "received", count: came.length, unit: "项", at: came[0].at } : null;
}

/**
 * The pill as `pieces/sync.html` has it.
 * @param {Standing} standing
 */
export function pill({ state, count, unit, at }) {
  const made = document.createElement("span");
  made.className = `sync ${state}`;
  made.append(makeIcon(ICONS[state]), `${STATES[state]}${at ? ` ${clock(at)}` : ""} · ${count} ${unit}`);
  return made;
}

/**
 * @param {Element} place
 * @param {Standing | null} standing
 */
function say(place, standing) {
  if (!(place instanceof HTMLElement)) return;
  place.hidden = standing === null;
  if (!standing) return place.replaceChildren();
  const link = document.createElement("a");
  link.href = "/unsent";
  link.append(pill(standing));
  place.replaceChildren(link);
}

/** @param {number} at */
function clock(at) {
  const time = new Date(at);
  return `${String(time.getHours()).padStart(2, "0")}:${String(time.getMinutes()).padStart(2, "0")}`;
}
