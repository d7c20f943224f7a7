/** What the round's pages are drawn from: the working set, what waits, what was received lately. */
import { thePhone } from "../phone/open.js";
import { recordsOf } from "./today.js";

/** Receipts that are opened: those of so many milliseconds, at most so many. */
const LATELY = 2 * 86_400_000;
const MOST = 300;

/** What a record on this phone needs to be shown after its task has left the working set; a section that only the phone has. */
const KEPT = "round_kept";
const KEPT_MOST = 300;

/**
 * @typedef {import("../protocol.d.ts").RoundList} List
 * @typedef {import("../protocol.d.ts").GridPlace} Place
 * @typedef {{lists: Record<string, List>, places: Record<string, Place>}} Kept
 * @typedef {{account: string | null, name: string, round: import("../protocol.d.ts").Round | null, hash: string, seen: number,
 *   records: import("./today.js").Told[], steps: Map<string, string>, begun: Set<string>, kept: Kept}} Data `steps`: what was said to
 *   go-there orders and may not be in the working set yet; `begun`: forms of which there is a draft
 */

/**
 * Draws now and whenever something changed that is seen; one look at a time, however often it is called.
 * @param {(data: Data) => void} draw
 */
export async function watch(draw) {
  const { dispatch } = thePhone();
  let drawn = "";
  let looking = false;
  let again = false;
  const look = async () => {
    again = true;
    if (looking) return;
    looking = true;
    try {
      while (again) {
        again = false;
        const data = await load();
        const now = signature(data, dispatch.status.phase);
        if (now !== drawn) draw(data);
        drawn = now;
      }
    } finally {
      looking = false;
    }
  };
  dispatch.listen(() => look().catch(() => {}));
  globalThis.addEventListener("pageshow", ({ persisted }) => persisted && look().catch(() => {}));
  await look();
}

/** @param {Data} data @param {string} phase */
function signature({ account, hash, records, steps, begun }, phase) {
  const told = records.map(({ id, state, words, photos, answer }) => [id, state, words, photos, answer !== null]);
  return JSON.stringify([account, hash, told, [...steps], [...begun], phase === "signIn", hash ? "" : phase]);
}

/** Whether the phone may still hear for the first time what there is to do. */
export function hearing() {
  const { phase, again } = thePhone().dispatch.status;
  return phase === "sending" || (phase === "idle" && again === null);
}

/** @returns {Promise<Data>} */
export async function load() {
  const { outbox, store } = thePhone();
  const now = Date.now();
  const [working, items, received, drafts] = await Promise.all([
    store.working(now, ["me", "round", KEPT]),
    outbox.list(),
    outbox.receipts(MOST, now - LATELY),
    store.drafts(),
  ]);
  const { account } = working;
  const [me, section, kept] = working.sections;
  const steps = new Map();
  for (const { command } of [...received.reverse(), ...items.filter(({ state }) => state !== "need")]) {
    if (command?.verb === "go") steps.set(command.data.order, STEPS[command.data.does]);
    if (command?.verb === "visit" && command.data.order) steps.set(command.data.order, "arrived");
  }
  const mine = drafts.filter((draft) => draft.account === (account?.account ?? null));
  return {
    account: account?.account ?? null,
    name: me?.data.name ?? "",
    round: section?.data ?? null,
    hash: section?.hash ?? "",
    seen: account?.seen ?? 0,
    records: recordsOf(items, received),
    steps,
    begun: new Set(mine.map(({ form }) => form)),
    kept: kept?.data ?? { lists: {}, places: {} },
  };
}

/** @type {Record<string, string>} */
const STEPS = { accept: "accepted", on_way: "on_way" };
const ORDER = ["sent", "accepted", "on_way", "arrived"];

/** The state of an order: the server's, or further where this phone knows it. @param {import("../protocol.d.ts").RoundOrder} order @param {Map<string, string>} steps */
export function stateOf(order, steps) {
  return ORDER[Math.max(ORDER.indexOf(order.state), ORDER.indexOf(steps.get(order.id) ?? ""))] ?? "sent";
}

/**
 * Keeps of a record's lists and place what its page needs later.
 * @param {Data} data
 * @param {List[]} lists
 * @param {Place | null} place
 */
export async function keepFor({ account, kept }, lists, place) {
  const all = { ...kept.lists, ...Object.fromEntries(lists.map((list) => [list.id, list])) };
  const { id = "", code = "", kind = "", name = "", address = "", latitude = null, longitude = null } = place ?? {};
  const there = { ...kept.places, ...(place ? { [id]: { id, code, kind, name, address, latitude, longitude } } : {}) };
  const last = (/** @type {Record<string, any>} */ of) => Object.fromEntries(Object.entries(of).slice(-KEPT_MOST));
  const data = { lists: last(all), places: last(there) };
  await thePhone().store.putSections(account, { [KEPT]: { hash: "here", data } });
}
