/**
 * The one phone of a page: what is saved here is sent from here, and how it stands is said in the line below the title.
 *
 *     import { ABLE, thePhone } from "./open.js";
 *     if (!ABLE) …                                 // the page says that it needs another browser, or uses its ordinary form
 *     const { outbox, drafts, dispatch } = thePhone();
 *     dispatch.listen(draw);
 */
import { idle } from "../able.js";
import { ABLE, Draft, openPhone } from "../phone.js";
import { shown } from "./pill.js";

export { ABLE, Draft, openPhone };

/** @typedef {ReturnType<typeof openPhone>} Phone */

/** @type {Phone | null} */
let phone = null;
/** Begins to send and to say how it stands; null before the phone is opened and after it began. @type {(() => void) | null} */
let begin = null;
/** Who waits for it to begin. @type {((nothing?: unknown) => void)[]} */
const rests = [];
/** Whether the page has drawn what it was opened for. */
let there = false;
/** Milliseconds after which it sends all the same. */
const LONGEST = 3000;

/** Opens it at the first call; this page sends once it has drawn what it was opened for. @returns {Phone} */
export function thePhone() {
  if (phone) return phone;
  const opened = openPhone();
  phone = opened;
  begin = () => {
    begin = null;
    shown(opened);
    opened.dispatch.start();
    for (const go of rests.splice(0)) go();
  };
  if (there) soon();
  setTimeout(() => begin?.(), LONGEST);
  return phone;
}

/** The page has drawn what it was opened for: from now on it may send. */
export function drawn() {
  there = true;
  soon();
}

/** When the browser has nothing better to do. */
function soon() {
  idle(() => begin?.(), LONGEST);
}

/** When this page has drawn what it was opened for, if that comes from the phone. */
export async function rested() {
  if (begin) await new Promise((resolve) => rests.push(resolve));
}

/**
 * Asks the phone something on a page that need not send: by the page's own where it has one, else by one that is closed again.
 * @template T
 * @param {(phone: Phone) => Promise<T>} ask
 */
export async function withPhone(ask) {
  if (phone) return ask(phone);
  const here = openPhone();
  try {
    return await ask(here);
  } finally {
    here.dispatch.stop();
    await here.store.close();
  }
}

/** Begins to send if anything waits here; false where this page has nothing to send. */
export async function sends() {
  if (phone) return true;
  const { saved, need, photos } = await withPhone(({ outbox }) => outbox.counts());
  if (saved + need + photos === 0) return false;
  thePhone();
  drawn();
  return true;
}

/** Fetches the working set once, without beginning to send by itself. Never raises. */
export async function refresh() {
  await withPhone(async ({ dispatch }) => {
    const sent = dispatch.send();
    if (!phone) dispatch.stop();
    await sent;
  });
}

/**
 * Whether the phone speaks for who is signed in on this page; asks the server where it does not know them yet. What was
 * saved before it does would be nobody's. A shell does not say who is signed in: there the phone knows alone.
 */
export async function speaksForThem() {
  const place = document.querySelector("[data-sync]");
  const who = place instanceof HTMLElement ? place.dataset.who : "";
  if (!who) return true;
  const { store, dispatch } = thePhone();
  const here = async () => (await store.account(Date.now()))?.account === who;
  if (await here()) return true;
  await dispatch.send();
  return here();
}
