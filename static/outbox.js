/**
 * The outbox: what a person does on the phone is saved here, then shown as saved, then sent.
 *
 *     const { outbox, dispatch } = openPhone();   // phone.js
 *     dispatch.listen(show);          // something changed, here or in another tab
 *     dispatch.start();               // sends on open, focus, `online`, by a timer
 *     await outbox.add({ verb: "report", data, photos });   // from here on it may be shown as saved
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").CommandRow} CommandRow
 * @typedef {import("./store.js").PhotoRow} PhotoRow
 * @typedef {import("./store.js").AccountRow} AccountRow
 * @typedef {import("./line.js").Receipt} Receipt
 * @typedef {{name: string, version: number}} Form
 * @typedef {{id: string, bytes: ArrayBuffer, type: string}} Picture
 * @typedef {{verb: string, data: Record<string, any>, form?: Form | null, photos?: Picture[], draft?: string | null,
 *   id?: string}} Deed `photos`: those that are not in the draft yet; `draft`: key of the draft that ends by this
 *
 * `command` is null where it cannot be opened on this phone; `photos` are those not yet sent, without their
 * pictures; `fields` says what has to be mended, by member of the data.
 * @typedef {{id: string, account: string | null, verb: string, made: number, state: keyof typeof STATES, words: string,
 *   fields: Record<string, string>, tries: number, command: any, receipt: Receipt | null, photos: PhotoRow[]}} Item
 * @typedef {{id: string, at: number, command: any, receipt: Receipt, photos: number}} Received
 * @typedef {{saved: number, need: number, photos: number, elsewhere: number, oldest: number | null}} Counts
 */
import { localTime, newId } from "./clock.js";
import { PROTOCOL } from "./line.js";
import { fromBytes, seal, toBase64, toBytes, unseal } from "./sealing.js";

/** The words of a state; keep with web/templates/pieces/sync.html. */
export const STATES = Object.freeze({
  saved: "已存在本机",
  sending: "正在发送",
  received: "已收到",
  need: "需要您处理",
});

/** Photos of a deed, wherever its data names them. @param {Record<string, any>} data @returns {string[]} */
export function photosOf(data) {
  const answers = (data.lists ?? []).flatMap((/** @type {any} */ list) => Object.values(list.answers ?? {}));
  const own = [data.photos, data.before, data.after, ...answers].flatMap((ids) => (Array.isArray(ids) ? ids : []));
  return [...own, ...(data.findings ?? []).flatMap(photosOf)];
}

/**
 * A photo as it is stored.
 * @param {Picture} picture
 * @param {AccountRow | null} account
 * @param {{command?: string | null, draft?: string | null, order: number}} of
 * @returns {Promise<import("./store.js").NewPhoto>}
 */
export async function newPhoto({ id, bytes, type }, account, { command = null, draft = null, order }) {
  const digest = toBase64(await crypto.subtle.digest("SHA-256", bytes));
  const sealed = await seal(account?.keys[0] ?? null, `photos/${id}`, bytes);
  const size = bytes.byteLength;
  const of = { account: account?.account ?? null, command, draft };
  return { row: { id, order, ...of, type, size, digest, state: "saved", words: "", faults: 0 }, sealed };
}

export class Outbox {
  #now;
  /** @type {import("./dispatch.js").Dispatch} */
  #dispatch;

  /**
   * @param {Store} store
   * @param {import("./dispatch.js").Dispatch} dispatch sends what waits, tells other tabs
   * @param {() => number} [now]
   */
  constructor(store, dispatch, now = Date.now) {
    this.store = store;
    this.#dispatch = dispatch;
    this.#now = now;
  }

  /**
   * Saves a deed. When the promise is kept it is on the phone for good; raises `Full`, and then nothing was saved.
   * @param {Deed} deed
   * @returns {Promise<string>} its id
   */
  async add(deed) {
    return this.#save(deed, null);
  }

  /**
   * Replaces a refused one by a new one that names it; what is not given stays as it was. Raises `Gone`.
   * @param {string} id
   * @param {Partial<Deed>} deed
   * @returns {Promise<string>} the new id
   */
  async mend(id, deed) {
    const row = await this.store.command(id);
    const old = row && (await this.#open(row));
    return this.#save({ verb: row?.verb ?? "", data: old?.data ?? {}, form: old?.form, ...deed }, id);
  }

  /** Everything that is not on the server yet, of the present account and of nobody, in the order it was saved. */
  async list() {
    const account = await this.store.account(this.#now());
    const readable = (/** @type {{account: string | null}} */ row) =>
      row.account === null || row.account === account?.account;
    const rows = (await this.store.commands()).filter(readable);
    const photos = (await this.store.photos()).filter((row) => row.command !== null && readable(row));
    const sending = new Set(this.#dispatch.status.sending);
    const items = await Promise.all(rows.map((row) => this.#item(row, account, photos, sending)));
    const left = photos.filter(({ command }) => !rows.some(({ id }) => id === command));
    const ids = [...new Set(left.map(({ command }) => String(command)))];
    return [...(await Promise.all(ids.map((id) => this.#rest(id, account, left, sending)))), ...items];
  }

  /**
   * What the server has received from this phone, newest first.
   * @param {number} [most]
   * @param {number} [since] milliseconds since 1970 by this phone's clock: older ones are not opened
   * @returns {Promise<Received[]>}
   */
  async receipts(most = 50, since = 0) {
    const account = await this.store.account(this.#now());
    const photos = await this.store.photos();
    const received = [];
    for (const row of await this.store.receipts()) {
      if (received.length >= most) break;
      if (row.at < since) continue;
      const content = await unseal(account?.keys ?? [], `receipts/${row.id}`, row.sealed).catch(() => null);
      if (!content) continue;
      const waiting = photos.filter(({ command }) => command === row.id).length;
      received.push({ id: row.id, at: row.at, ...fromBytes(content), photos: waiting });
    }
    return received;
  }

  /** How many wait, without opening any; `elsewhere` are of accounts that are not signed in here now. @returns {Promise<Counts>} */
  async counts() {
    const account = await this.store.account(this.#now());
    const { all, need, ...more } = await this.store.counts(account?.account ?? null);
    return { saved: all - need, need, ...more };
  }

  /** A photo that is still here, for showing it; null if it is gone or cannot be opened. @param {string} id */
  async picture(id) {
    const account = await this.store.account(this.#now());
    const sealed = await this.store.picture(id);
    return sealed ? unseal(account?.keys ?? [], `photos/${id}`, sealed).catch(() => null) : null;
  }

  /** The person does without a photo that was refused. @param {string} id */
  async dropPhoto(id) {
    await this.store.dropPhoto(id);
    this.#dispatch.changed("queue");
  }

  /**
   * The person does not want a refused one any more, or one that cannot be opened here: it goes, with its photos. What
   * still waits to be sent cannot be thrown away; raises `Gone`.
   * @param {string} id
   */
  async discard(id) {
    const row = await this.store.command(id);
    const lost = row !== undefined && (await this.#open(row).catch(() => null)) === null;
    await this.store.discard(id, lost);
    this.#dispatch.changed("queue");
  }

  /** A section of the working set, as last heard; null if there is none. @param {string} name */
  async section(name) {
    return (await this.sections(name))[0];
  }

  /** Several of them at once. @param {string[]} names @returns {Promise<any[]>} as named */
  async sections(...names) {
    const { sections } = await this.store.working(this.#now(), names);
    return sections.map((row) => row?.data ?? null);
  }

  /** Call it before the server's sign-out: the key and the working set go, what waits stays, unreadable. */
  async signOut() {
    await this.store.signOut();
    this.#dispatch.changed("queue");
  }

  /** @param {Deed} deed @param {string | null} mends */
  async #save({ verb, data, form = null, photos = [], draft = null, id = newId(this.#now()) }, mends) {
    const made = this.#now();
    const account = await this.store.account(made);
    const of = account?.account ?? null;
    const command = { id, account: of, protocol: PROTOCOL, verb, at: localTime(made), form, mends, data };
    const sealed = await seal(account?.keys[0] ?? null, `commands/${id}`, toBytes(command));
    const pictures = await Promise.all(photos.map((one, order) => newPhoto(one, account, { command: id, order })));
    /** @type {Omit<CommandRow, "order">} */
    const row = { id, account: of, verb, made, state: "saved", words: "", fields: {}, tries: 0, faults: 0, sealed };
    const more = { photos: pictures, uses: photosOf(data), draft, replaces: mends };
    if (!(await this.store.save(row, more))) await this.#same(id, command);
    this.#dispatch.changed("queue");
    this.#dispatch.soon();
    return id;
  }

  /** A second tap saves nothing new; another content under the same id would be lost silently, so it is an error. @param {string} id @param {any} command */
  async #same(id, command) {
    const [row, receipt] = [await this.store.command(id), await this.store.receipt(id)];
    const keys = (await this.store.account(this.#now()))?.keys ?? [];
    const old = row
      ? fromBytes(await unseal(keys, `commands/${id}`, row.sealed))
      : receipt && fromBytes(await unseal(keys, `receipts/${id}`, receipt.sealed)).command;
    if (JSON.stringify(old?.data) !== JSON.stringify(command.data)) throw new TypeError(`${id} was used before`);
  }

  /** @param {CommandRow} row */
  async #open(row) {
    const account = await this.store.account(this.#now());
    return fromBytes(await unseal(account?.keys ?? [], `commands/${row.id}`, row.sealed));
  }

  /**
   * @param {CommandRow} row
   * @param {AccountRow | null} account
   * @param {PhotoRow[]} photos
   * @param {Set<string>} sending
   * @returns {Promise<Item>}
   */
  async #item(row, account, photos, sending) {
    const { id, verb, made, tries, fields } = row;
    const content = await unseal(account?.keys ?? [], `commands/${id}`, row.sealed).catch(() => null);
    const mine = photos.filter(({ command }) => command === id);
    const item = { id, account: row.account, verb, made, tries, fields, receipt: null, photos: mine };
    if (!content) return { ...item, state: "need", words: "这一条在这部手机上打不开。", command: null };
    const state = row.state === "saved" && sending.has(id) ? "sending" : row.state;
    return { ...item, state, words: row.words, command: fromBytes(content) };
  }

  /**
   * A record that was received while photos of it wait.
   * @param {string} id
   * @param {AccountRow | null} account
   * @param {PhotoRow[]} left
   * @param {Set<string>} sending
   * @returns {Promise<Item>}
   */
  async #rest(id, account, left, sending) {
    const photos = left.filter(({ command }) => command === id);
    const row = await this.store.receipt(id);
    const content = row && (await unseal(account?.keys ?? [], `receipts/${id}`, row.sealed).catch(() => null));
    const { command, receipt } = content ? fromBytes(content) : { command: null, receipt: null };
    const refused = photos.find(({ state }) => state === "need");
    const state = refused ? "need" : photos.some((photo) => sending.has(photo.id)) ? "sending" : "saved";
    const words = refused?.words || `文字已收到,还有 ${photos.length} 张照片在本机。`;
    const of = { id, account: photos[0].account, verb: command?.verb ?? "", made: row?.at ?? 0 };
    return { ...of, state, words, fields: {}, tries: 0, command, receipt, photos };
  }
}
