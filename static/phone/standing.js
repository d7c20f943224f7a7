/** How one deed stands, from its saving to its receipt, as it changes. */
import { thePhone } from "./open.js";

/**
 * @typedef {{state: keyof typeof import("../outbox.js").STATES, words: string, fields: Record<string, string>,
 *   signIn: boolean, number: string, answer: any, photos: number, made: number}} Deed `photos`: those still here;
 *   `answer`: of its receipt, null before
 */

/**
 * Calls back now and whenever it changes, until the deed has left the phone with all its photos.
 * @param {string} id
 * @param {(deed: Deed) => void} draw
 */
export function watch(id, draw) {
  const { dispatch } = thePhone();
  let before = "";
  const look = async () => {
    const deed = await standing(id);
    const now = JSON.stringify(deed);
    if (!deed || now === before) return;
    before = now;
    draw(deed);
    if (deed.state === "received" && !deed.photos) end();
  };
  const end = dispatch.listen(() => look().catch(() => {}));
  look().catch(() => {});
}

/** @param {string} id @returns {Promise<Deed | null>} null where this phone knows nothing of it */
export async function standing(id) {
  const { outbox, dispatch } = thePhone();
  const item = (await outbox.list()).find((one) => one.id === id);
  const received = item ? null : (await outbox.receipts()).find((one) => one.id === id);
  const found = item ?? received;
  if (!found) return null;
  const { receipt, command } = found;
  const refused = item?.state === "need";
  return {
    // A record that is on the server is received, whatever becomes of its photos; a refused photo needs the person.
    state: refused ? "need" : receipt ? "received" : (item?.state ?? "saved"),
    words: refused ? item.words : dispatch.status.words,
    fields: item?.fields ?? {},
    signIn: dispatch.status.phase === "signIn",
    number: receipt?.answer?.number ?? command?.data?.number ?? "",
    answer: receipt?.answer ?? null,
    photos: item?.photos.length ?? 0,
    made: item?.made ?? received?.at ?? 0,
  };
}
