/**
 * What the phone keeps (docs/sync.md): each method is one transaction, strictly durable, all of it or nothing.
 * It knows nothing of what the contents mean; outbox.js and drafts.js seal and read them.
 *
 * @typedef {import("./sealing.js").Sealed} Sealed
 * @typedef {import("./sealing.js").Key} Key
 * @typedef {import("./lib/idb.js").IDBPDatabase} Database
 * @typedef {import("./lib/idb.js").IDBPTransaction<unknown, string[], "readwrite">} Change
 *
 * Saved: waits to be sent. Need: was refused and waits for the person. `faults` counts answers that the server broke off
 * at this very command, so that it lets others go first; `fields` what has to be mended, by member of the data.
 * @typedef {{id: string, order: number, account: string | null, verb: string, made: number, state: "saved" | "need",
 *   words: string, fields: Record<string, string>, tries: number, faults: number, sealed: Sealed}} CommandRow
 *
 * Belongs to a command or to a draft. The picture itself lies apart, so that a list does not load megabytes.
 * @typedef {{id: string, order: number, account: string | null, command: string | null, draft: string | null, type: string,
 *   size: number, digest: string, state: "saved" | "need", words: string, faults: number}} PhotoRow
 *
 * @typedef {{id: string, order: number, account: string | null, at: number, sealed: Sealed}} ReceiptRow
 * @typedef {{id: string, account: string | null, form: string, command: string, at: number, sealed: Sealed}} DraftRow
 * @typedef {{id: string, account: string | null, name: string, hash: string, data: any}} SectionRow
 * @typedef {{account: string, keys: Key[], days: number, seen: number, told: number}} AccountRow `seen`:
 *   when the server last knew it, by the phone's clock; `told`: by the server's
 * @typedef {{row: PhotoRow, sealed: Sealed}} NewPhoto
 * @typedef {{id: string, outcome: "received", receipt: Omit<ReceiptRow, "order">}
 *   | {id: string, outcome: "kept" | "fault" | "need", words: string, fields?: Record<string, string>}} Settlement
 */
import { openDB } from "./lib/idb.js";
import { STEPS, upgrade } from "./schema.js";

export const RECEIPTS = 500;
export const SIGNED_OUT = "已经退出登录,请重新打开这一页。";
const DAY = 86_400_000;

/** There is no room on the phone; nothing of it was stored. */
export class Full extends Error {
  constructor() {
    super("手机存储空间满了,这一条没有存下。请先清出一些空间,再存一次。");
    this.name = "Full";
  }
}

/** The phone's database is of a newer version than this page, or another tab holds back its upgrade. */
export class Outdated extends Error {
  constructor() {
    super("呼应已经更新。请关掉其他呼应页面,再重新打开。");
    this.name = "Outdated";
  }
}

/** What was to be replaced is not there any more: another tab was quicker. */
export class Gone extends Error {
  /** @param {string} [words] */
  constructor(words = "这一条已经处理过了。") {
    super(words);
    this.name = "Gone";
  }
}

export class Store {
  /** @type {Promise<Database> | null} */
  #opened = null;

  /** @param {string} [name] */
  constructor(name = "huying") {
    this.name = name;
  }

  /** The account that may read here now; null if nobody, or if it was not seen for longer than it may. @param {number} now */
  async account(now) {
    return (await this.working(now, [])).account;
  }

  /**
   * Who may read here now, and sections of their working set (nobody's where nobody may): a cold start waits for every trip.
   * @param {number} now
   * @param {string[]} names
   * @returns {Promise<{account: AccountRow | null, sections: (SectionRow | undefined)[]}>} as named
   */
  async working(now, names) {
    const stores = names.length ? ["keys", "sections"] : ["keys"];
    const { row, ...found } = await this.#run(stores, "readonly", async (change) => {
      /** @type {AccountRow | undefined} */
      const row = (await change.objectStore("keys").getAll())[0];
      // Only if both say so: a phone that starts in 1970 and then hears the time has not been away.
      const fresh = row && Math.min(now - row.seen, now - row.told) <= row.days * DAY;
      const account = fresh ? row : null;
      const get = (/** @type {string} */ name) =>
        change.objectStore("sections").get(`${account?.account ?? ""}/${name}`);
      return { row, account, sections: await Promise.all(names.map(get)) };
    });
    if (row && !found.account) await this.signOut();
    return found;
  }

  /**
   * An account was seen by the server. Another one that was here before is thereby signed out.
   * @param {{account: string, key: Key | null, days: number}} who `key` null: the one that is here stays
   * @param {number} now
   * @param {number} told what the server says it is now
   */
  async welcome({ account, key, days }, now, told = now) {
    await this.#run(["keys", "sections"], "readwrite", async (change) => {
      /** @type {AccountRow[]} */
      const rows = await change.objectStore("keys").getAll();
      for (const row of rows) if (row.account !== account) await forget(change, row.account);
      const held = rows.find((row) => row.account === account)?.keys ?? [];
      // An older key stays: what was sealed by it may still wait here.
      const keys = key ? [key, ...held.filter((one) => one.mark !== key.mark)] : held;
      if (keys.length) await change.objectStore("keys").put({ account, keys, days, seen: now, told });
    });
  }

  /** Removes key and working set; what was sealed stays, for when the same account comes again. */
  async signOut() {
    await this.#run(["keys", "sections"], "readwrite", async (change) => {
      for (const account of await change.objectStore("keys").getAllKeys()) await forget(change, String(account));
    });
  }

  /** All commands in the order they were saved, of every account. @returns {Promise<CommandRow[]>} */
  async commands() {
    return this.#run(["commands"], "readonly", (change) => change.objectStore("commands").index("order").getAll());
  }

  /**
   * How many commands an account and nobody have, how many of those need the person, since when the oldest waits; how many
   * are of other accounts; how many photos of commands there are. What needs nobody is not loaded: a full phone has thousands.
   * @param {string | null} account
   */
  async counts(account) {
    return this.#run(["commands", "photos"], "readonly", async (change) => {
      const commands = change.objectStore("commands");
      const [all, named, own, needing, photos] = await Promise.all([
        commands.count(),
        commands.index("account").count(),
        account === null ? 0 : commands.index("account").count(account),
        commands.index("state").getAll("need"),
        change.objectStore("photos").index("command").count(),
      ]);
      const elsewhere = named - own;
      const mine = (/** @type {CommandRow} */ row) => row.account === null || row.account === account;
      /** @type {CommandRow[]} */
      const early = await commands.index("made").getAll(null, elsewhere ? undefined : 1);
      const need = needing.filter(mine).length;
      return { all: all - elsewhere, need, elsewhere, photos, oldest: early.find(mine)?.made ?? null };
    });
  }

  /** @param {string} id @returns {Promise<CommandRow | undefined>} */
  async command(id) {
    return this.#run(["commands"], "readonly", (change) => change.objectStore("commands").get(id));
  }

  /**
   * Saves a command, its photos, the end of its draft, and of the command it replaces: together or not at all.
   * Of the photos of draft and replaced command those in `uses` become this one's, the others go.
   * @param {Omit<CommandRow, "order">} row
   * @param {{photos?: NewPhoto[], uses?: string[], draft?: string | null, replaces?: string | null}} [more]
   * @returns {Promise<boolean>} false if a command of this id is or was here: nothing was changed
   */
  async save(row, { photos = [], uses = [], draft = null, replaces = null } = {}) {
    const stores = ["commands", "photos", "pictures", "drafts", "receipts"];
    return this.#run(stores, "readwrite", async (change) => {
      const commands = change.objectStore("commands");
      if ((await commands.getKey(row.id)) || (await change.objectStore("receipts").getKey(row.id))) return false;
      const order = await next(commands);
      if (replaces) {
        /** @type {CommandRow | undefined} */
        const old = await commands.get(replaces);
        if (old?.state !== "need") throw new Gone();
        await commands.delete(replaces);
        await adopt(change, "command", replaces, row, uses);
      }
      if (draft) {
        await adopt(change, "draft", draft, row, uses);
        await change.objectStore("drafts").delete(draft);
      }
      for (const photo of photos) await put(change, photo);
      await commands.put({ ...row, order });
      return true;
    });
  }

  /**
   * Deletes a command that needs the person, with its photos; raises `Gone` where it was mended, sent or never was.
   * @param {string} id
   * @param {boolean} [lost] whether nobody can open it, so that it may go though it was never refused
   */
  async discard(id, lost = false) {
    await this.#run(["commands", "photos", "pictures"], "readwrite", async (change) => {
      /** @type {CommandRow | undefined} */
      const row = await change.objectStore("commands").get(id);
      if (!row || (row.state !== "need" && !lost)) throw new Gone();
      await change.objectStore("commands").delete(id);
      for (const photo of await change.objectStore("photos").index("command").getAllKeys(id)) {
        await drop(change, String(photo));
      }
    });
  }

  /**
   * Writes down what the server answered to commands. What another tab settled meanwhile stays as it is. Where there is no
   * room for receipts, what was received makes room all the same: the server has its receipt, and a full phone must send.
   * @param {Settlement[]} settlements
   */
  async settle(settlements) {
    try {
      await this.#settle(settlements, true);
    } catch (error) {
      if (!(error instanceof Full)) throw error;
      await this.#settle(settlements, false);
    }
  }

  /** @param {Settlement[]} settlements @param {boolean} room for receipts */
  async #settle(settlements, room) {
    await this.#run(["commands", "receipts"], "readwrite", async (change) => {
      const commands = change.objectStore("commands");
      const receipts = change.objectStore("receipts");
      for (const settled of settlements) {
        /** @type {CommandRow | undefined} */
        const row = await commands.get(settled.id);
        if (!row || row.state === "need") continue;
        if (settled.outcome === "received") {
          if (room) await receipts.put({ ...settled.receipt, order: await next(receipts) });
          await commands.delete(settled.id);
        } else {
          const state = settled.outcome === "need" ? "need" : "saved";
          const faults = row.faults + (settled.outcome === "fault" ? 1 : 0);
          const { words, fields = {} } = settled;
          await commands.put({ ...row, state, faults, words, fields, tries: row.tries + 1 });
        }
      }
      const keys = await receipts.index("order").getAllKeys();
      for (const key of keys.slice(0, Math.max(0, keys.length - RECEIPTS))) await receipts.delete(key);
    });
  }

  /** Newest first, of every account. @param {number} [after] only those of a later order @returns {Promise<ReceiptRow[]>} */
  async receipts(after = 0) {
    const later = IDBKeyRange.lowerBound(after, true);
    const rows = await this.#run(["receipts"], "readonly", (change) =>
      change.objectStore("receipts").index("order").getAll(later),
    );
    return rows.reverse();
  }

  /** The order of the latest receipt, 0 if there is none. @returns {Promise<number>} */
  async received() {
    return this.#run(["receipts"], "readonly", async (change) => (await next(change.objectStore("receipts"))) - 1);
  }

  /** @param {string} id @returns {Promise<ReceiptRow | undefined>} */
  async receipt(id) {
    return this.#run(["receipts"], "readonly", (change) => change.objectStore("receipts").get(id));
  }

  /** All photos without their pictures, in the order they came. @returns {Promise<PhotoRow[]>} */
  async photos() {
    const rows = await this.#run(["photos"], "readonly", (change) => change.objectStore("photos").getAll());
    return rows.sort((one, other) => one.order - other.order || (one.id < other.id ? -1 : 1));
  }

  /** @param {string} id @returns {Promise<Sealed | undefined>} */
  async picture(id) {
    return (await this.#run(["pictures"], "readonly", (change) => change.objectStore("pictures").get(id)))?.sealed;
  }

  /** Adds a photo to a draft. @param {NewPhoto} photo */
  async addPhoto(photo) {
    await this.#run(["photos", "pictures"], "readwrite", (change) => put(change, photo));
  }

  /** A photo is on the server, or the person does not want it any more. @param {string} id */
  async dropPhoto(id) {
    await this.#run(["photos", "pictures"], "readwrite", (change) => drop(change, id));
  }

  /** A photo was refused, or the server broke off at it. @param {string} id @param {"need" | "saved"} state @param {string} words */
  async markPhoto(id, state, words) {
    await this.#run(["photos"], "readwrite", async (change) => {
      /** @type {PhotoRow | undefined} */
      const row = await change.objectStore("photos").get(id);
      if (row) await change.objectStore("photos").put({ ...row, state, words, faults: row.faults + 1 });
    });
  }

  /** Raises `Gone` where its deed was saved already, or its account signed out, in another tab. @param {DraftRow} row */
  async putDraft(row) {
    await this.#run(["keys", "drafts", "commands", "receipts"], "readwrite", async (change) => {
      // All at once: each answer waited for takes of the time in which a touch is not safe yet.
      const held = (/** @type {string} */ store) => change.objectStore(store).getKey(row.command);
      const here = row.account === null || change.objectStore("keys").getKey(row.account);
      const put = change.objectStore("drafts").put(row);
      const [signedIn, ...ended] = await Promise.all([here, held("commands"), held("receipts"), put]);
      if (!signedIn) throw new Gone(SIGNED_OUT);
      if (ended[0] || ended[1]) throw new Gone();
    });
  }

  /** @param {string} id @returns {Promise<DraftRow | undefined>} */
  async draft(id) {
    return this.#run(["drafts"], "readonly", (change) => change.objectStore("drafts").get(id));
  }

  /** @returns {Promise<DraftRow[]>} */
  async drafts() {
    return this.#run(["drafts"], "readonly", (change) => change.objectStore("drafts").getAll());
  }

  /** Throws a draft and its photos away. @param {string} id */
  async dropDraft(id) {
    await this.#run(["drafts", "photos", "pictures"], "readwrite", async (change) => {
      await change.objectStore("drafts").delete(id);
      for (const photo of await change.objectStore("photos").index("draft").getAllKeys(id)) {
        await drop(change, String(photo));
      }
    });
  }

  /** The working set of an account. @param {string | null} account @returns {Promise<SectionRow[]>} */
  async sections(account) {
    const rows = await this.#run(["sections"], "readonly", (change) => change.objectStore("sections").getAll());
    return rows.filter((/** @type {SectionRow} */ row) => row.account === account);
  }

  /**
   * Keeps sections that changed; one without a hash is taken away. Those of an account that was signed out meanwhile do not come back.
   * @param {string | null} account
   * @param {Record<string, {hash: string, data: any}>} sections
   */
  async putSections(account, sections) {
    await this.#run(["keys", "sections"], "readwrite", async (change) => {
      if (account !== null && !(await change.objectStore("keys").getKey(account))) return;
      for (const [name, { hash, data }] of Object.entries(sections)) {
        const id = `${account ?? ""}/${name}`;
        if (hash) await change.objectStore("sections").put({ id, account, name, hash, data });
        else await change.objectStore("sections").delete(id);
      }
    });
  }

  async close() {
    const opened = this.#opened;
    this.#opened = null;
    (await opened)?.close();
  }

  /**
   * @template Result
   * @param {string[]} stores
   * @param {"readonly" | "readwrite"} mode
   * @param {(change: Change) => Promise<Result>} body
   * @returns {Promise<Result>}
   */
  async #run(stores, mode, body) {
    const change = await this.#begin(stores, mode);
    // Whoever waits for it hears of a failure below; without this the browser would call it unhandled.
    change.done.catch(() => {});
    try {
      const result = await body(change);
      await change.done;
      return result;
    } catch (error) {
      const cause = change.error ?? error;
      try {
        change.abort();
      } catch {
        // It has ended already.
      }
      throw named(cause, "QuotaExceededError") || named(error, "QuotaExceededError") ? new Full() : error;
    }
  }

  /**
   * @param {string[]} stores
   * @param {"readonly" | "readwrite"} mode
   * @returns {Promise<Change>}
   */
  async #begin(stores, mode) {
    const begin = async () =>
      /** @type {Change} */ ((await this.#database()).transaction(stores, mode, { durability: "strict" }));
    try {
      return await begin();
    } catch (error) {
      // Browsers lose connections (memory, another tab's upgrade): one new try with a new one.
      if (!named(error, "InvalidStateError")) throw error;
      this.#opened = null;
      return begin();
    }
  }

  #database() {
    this.#opened ??= this.#open().catch((error) => {
      this.#opened = null;
      throw named(error, "VersionError") ? new Outdated() : error;
    });
    return this.#opened;
  }

  /** @returns {Promise<Database>} */
  #open() {
    return new Promise((resolve, reject) => {
      const again = () => {
        this.#opened = null;
      };
      openDB(this.name, STEPS.length, {
        upgrade: (database, from, _, change) => upgrade(database, from, change),
        blocked: () => reject(new Outdated()),
        blocking: (_, __, event) => {
          again();
          /** @type {IDBDatabase} */ (event.target).close();
        },
        terminated: again,
      }).then(resolve, reject);
    });
  }
}

/** @param {unknown} error @param {string} name */
function named(error, name) {
  return error instanceof Error || error instanceof DOMException ? error.name === name : false;
}

/** The place after the last one, whatever the clock says. @param {any} store */
async function next(store) {
  const last = await store.index("order").openKeyCursor(null, "prev");
  return (last?.key ?? 0) + 1;
}

/** @param {Change} change @param {string} account */
async function forget(change, account) {
  await change.objectStore("keys").delete(account);
  /** @type {SectionRow[]} */
  const sections = await change.objectStore("sections").getAll();
  for (const row of sections) if (row.account === account) await change.objectStore("sections").delete(row.id);
}

/** @param {Change} change @param {NewPhoto} photo */
async function put(change, { row, sealed }) {
  await change.objectStore("photos").put(row);
  await change.objectStore("pictures").put({ id: row.id, sealed });
}

/** @param {Change} change @param {string} id */
async function drop(change, id) {
  await change.objectStore("photos").delete(id);
  await change.objectStore("pictures").delete(id);
}

/**
 * Gives the photos of a draft or a replaced command to a new one.
 * @param {Change} change
 * @param {"command" | "draft"} by
 * @param {string} from
 * @param {{id: string}} to
 * @param {string[]} uses
 */
async function adopt(change, by, from, to, uses) {
  /** @type {PhotoRow[]} */
  const rows = await change.objectStore("photos").index(by).getAll(from);
  for (const row of rows) {
    if (uses.includes(row.id)) {
      await change.objectStore("photos").put({ ...row, command: to.id, draft: null, state: "saved", words: "" });
    } else {
      await drop(change, row.id);
    }
  }
}
