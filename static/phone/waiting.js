/** On every page: sends what waits, and now and then fetches what the phone holds for when there is no signal. */
import { ABLE, known, PEACE } from "../able.js";

/** The working set is asked for again after so long, or when somebody else is signed in. */
const FRESH = 1_800_000;
const HEARD = "huying-heard";

if (ABLE) begin().catch(() => {});

async function begin() {
  if (!(await known())) await new Promise((go) => setTimeout(go, PEACE));
  const { refresh, rested, sends } = await import("./open.js");
  await rested();
  const { unread } = await import("./unread.js");
  await unread();
  if (await sends()) return;
  const place = document.querySelector("[data-sync]");
  const who = place instanceof HTMLElement ? place.dataset.who : undefined;
  // A shell does not know who is signed in; a page that was fetched does.
  if (who === undefined || !due(who)) return;
  await refresh();
  remember(who);
}

/** @param {string} who */
function due(who) {
  try {
    const [at, of] = (localStorage.getItem(HEARD) ?? "").split(" ");
    const age = Date.now() - Number(at);
    return of !== who || !(age >= 0 && age < FRESH);
  } catch {
    return true;
  }
}

/** @param {string} who */
function remember(who) {
  try {
    localStorage.setItem(HEARD, `${Date.now()} ${who}`);
  } catch {
    // Asked again on the next page.
  }
}
