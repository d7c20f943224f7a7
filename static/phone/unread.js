/** On every page: what leads to it is read, how many are unread stands on the tab 消息 and on the app's icon. */
import { show } from "../js/unread.js";
import { badge } from "./badge.js";
import { inboxOf, open, tell, unreadOf } from "./inbox-read.js";
import { withPhone } from "./open.js";

/** A shell does not know who is signed in, and the server may not have heard that it was opened. */
export async function unread() {
  const place = document.querySelector("[data-sync]");
  const shell = !(place instanceof HTMLElement) || place.dataset.who === undefined;
  await withPhone(async (phone) => {
    if (shell) await open(phone, location.pathname);
    else await heard(phone);
    const unread = shell ? unreadOf(await inboxOf(phone)) : shown();
    if (shell) show(unread);
    const { saved, need, photos } = await phone.outbox.counts();
    badge({ unsent: saved + need || (photos ? 1 : 0), unread });
    await tell(phone);
  });
}

/** What the server just showed it knows to be read: so does the phone from now on. @param {import("./inbox-read.js").Phone} phone */
async function heard(phone) {
  if (document.querySelector("[data-unread]")) await open(phone, shown() === 0 ? "" : location.pathname, true);
}

/** How many are unread, as the page says. */
function shown() {
  const tab = document.querySelector("[data-unread]");
  return Number(tab instanceof HTMLElement ? tab.dataset.unread : 0);
}
