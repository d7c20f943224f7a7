/**
 * Which notices are read on this phone: as the server last said, and by what was opened here since. What was opened without
 * a network lies in a section that only the phone has, until the server has heard of it.
 *
 * @typedef {import("../protocol.d.ts").InboxRow} Row
 * @typedef {{path: string, until: string, told?: boolean}} Opened an empty path: all of them were read
 * @typedef {{store: import("../store.js").Store}} Phone
 * @typedef {{account: string, rows: Row[], server: Row[], opened: Opened[], seen: number}} Inbox `server`: the rows as it said them last
 */

const READ = "inbox_read";
const MOST = 200;

/** The inbox as it lies here; null where nobody is signed in or it was never heard. @param {Phone} phone @returns {Promise<Inbox | null>} */
export async function inboxOf({ store }) {
  const { account, sections } = await store.working(Date.now(), ["inbox", READ]);
  const [rows, opened = []] = /** @type {[Row[] | undefined, Opened[] | undefined]} */ (
    sections.map((one) => one?.data)
  );
  if (!account || !rows) return null;
  return { account: account.account, rows: applied(rows, opened), server: rows, opened, seen: account.seen };
}

/** Rows with those read that were opened here. @param {Row[]} rows @param {Opened[]} opened @returns {Row[]} */
export function applied(rows, opened) {
  return rows.map((row) => (!row.read && opened.some((one) => reads(one, row)) ? { ...row, read: true } : row));
}

/** @param {Opened} one @param {Row} row */
function reads({ path, until }, { id, href }) {
  return id <= until && (path === "" || path === href);
}

/** How many are unread. @param {Inbox | null} inbox */
export function unreadOf(inbox) {
  return inbox?.rows.filter(({ read }) => !read).length ?? 0;
}

/**
 * A page was opened here (an empty path: all are read); keeps it where something unread led there.
 * @param {Phone} phone
 * @param {string} path
 * @param {boolean} [told] whether the server knows it already
 */
export async function open(phone, path, told = false) {
  const inbox = await inboxOf(phone);
  const fresh = inbox?.rows.find(({ read, href }) => !read && (path === "" || href === path));
  if (!inbox || !fresh) return;
  const others = inbox.opened.filter((one) => one.path !== path);
  const here = { path, until: inbox.rows.reduce(latest, fresh).id, told };
  await keep(phone, inbox.account, [...others, here].slice(-MOST));
}

/** @param {Row} one @param {Row} other */
function latest(one, other) {
  return other.id > one.id ? other : one;
}

/**
 * Tells the server what was opened here, if anything; without a network another time. What it knows by now is forgotten here.
 * @param {Phone} phone
 * @param {typeof fetch} [ask]
 */
export async function tell(phone, ask = fetch) {
  const inbox = await inboxOf(phone);
  if (!inbox?.opened.length) return;
  const needed = inbox.opened.filter((one) => inbox.server.some((row) => !row.read && reads(one, row)));
  const left = needed.filter(({ told }) => !told);
  if (left.length) {
    const body = JSON.stringify({ opened: left.map(({ path, until }) => ({ path, until })) });
    const headers = { "Content-Type": "application/json" };
    const answer = await ask("/inbox/opened", { method: "POST", headers, body }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
  }
  // They count here until the working set says the same.
  await keep(
    phone,
    inbox.account,
    needed.map((one) => ({ ...one, told: true })),
  );
}

/** @param {Phone} phone @param {string} account @param {Opened[]} opened */
async function keep({ store }, account, opened) {
  await store.putSections(account, { [READ]: { hash: opened.length ? "here" : "", data: opened } });
}
