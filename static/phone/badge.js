/** The number on the app's icon: what is unsent here and what is unread, together. */

const tab = document.querySelector("[data-unread]");
const parts = { unsent: 0, unread: Number(tab instanceof HTMLElement ? tab.dataset.unread : 0) };

/** @param {{unsent?: number, unread?: number}} known whichever of both is known now */
export function badge(known) {
  Object.assign(parts, known);
  const count = parts.unsent + parts.unread;
  const asked = count ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.();
  asked?.catch(() => {});
}
