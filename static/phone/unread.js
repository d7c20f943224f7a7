/** On every page: what leads to it is read, how many are unread stands on the tab 消息 and on the app's icon. */
import { show } from "../js/unread.js";
import { openPhone } from "../phone.js";
import { badge } from "./badge.js";
import { inboxOf, open, tell, unreadOf } from "./inbox-read.js";

/** A shell does not know who is signed in, and the server may not have heard that it was opened. */
export async function unread() {
  const phone = openPhone();
  try {
    const place = document.querySelector("[data-sync]");
    const shell = !(place instanceof HTMLElement) || place.dataset.who === undefined;
    if (shell) {
      await open(phone, location.pathname);
      show(unreadOf(await inboxOf(phone)));
    }
    const { saved, need, photos } = await phone.outbox.counts();
    badge({ unsent: saved + need || (photos ? 1 : 0), ...(shell ? { unread: unreadOf(await inboxOf(phone)) } : {}) });
    await tell(phone);
  } finally {
    phone.dispatch.stop();
    await phone.store.close();
  }
}
