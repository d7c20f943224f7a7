/**
 * A form's content to the letter, kept at every touch, its photos too; there again when the page is opened again.
 *
 *     const draft = await drafts.open("report");
 *     follow(form, draft);                            // fills the form, then keeps every touch
 *     const id = await draft.addPhoto(await shrink(file));
 *     await draft.save(outbox, { verb: "report", data });   // ends the draft in the same step as it saves
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").AccountRow} AccountRow
 * @typedef {[string, string][]} Fields names and values as the form has them
 */
import { newId } from "./clock.js";
import { newPhoto } from "./outbox.js";
import { fromBytes, seal, toBytes, unseal } from "./sealing.js";
import { Gone, SIGNED_OUT } from "./store.js";

export class Drafts {
  /** @param {Store} store @param {() => number} [now] */
  constructor(store, now = Date.now) {
    this.store = store;
    this.now = now;
  }

  /**
   * The draft of a form: the account's own, else the one that was begun before signing in, else a new one.
   * @param {string} form
   */
  async open(form) {
    const account = await this.store.account(this.now());
    const whose = account ? [account, null] : [null];
    const rows = await Promise.all(whose.map((of) => this.store.draft(keyOf(of, form))));
    for (const [at, of] of whose.entries()) {
      const row = rows[at];
      const content = row && (await unseal(account?.keys ?? [], `drafts/${row.id}`, row.sealed).catch(() => null));
      if (row && content) return new Draft(this, of, form, row.command, fromBytes(content), true);
    }
    return new Draft(this, account, form, newId(this.now()), [], false);
  }
}

export class Draft {
  /** @type {Fields | null} */
  #next = null;
  /** @type {Promise<void> | null} */
  #writing = null;
  #over = false;

  /**
   * @param {Drafts} drafts
   * @param {AccountRow | null} account
   * @param {string} form
   * @param {string} command the id that the deed will have
   * @param {Fields} fields
   * @param {boolean} restored whether there was one
   */
  constructor(drafts, account, form, command, fields, restored) {
    this.drafts = drafts;
    this.account = account;
    this.form = form;
    this.command = command;
    this.fields = fields;
    this.restored = restored;
    this.key = keyOf(account, form);
  }

  /**
   * Keeps what the form holds now. While one is being written only the latest of the next ones counts.
   * @param {Fields} fields
   * @returns {Promise<void>} when these or later ones are on the phone for good; raises `Full`, `Gone`
   */
  keep(fields) {
    if (this.#over) return Promise.resolve();
    this.fields = fields;
    this.#next = fields;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  /** @param {{bytes: ArrayBuffer, type: string}} photo @returns {Promise<string>} its id */
  async addPhoto({ bytes, type }) {
    await this.#check();
    const id = newId(this.drafts.now());
    await this.#writing;
    if (!(await this.drafts.store.draft(this.key))) await this.keep(this.fields);
    const order = (await this.photos()).length;
    await this.drafts.store.addPhoto(await newPhoto({ id, bytes, type }, this.account, { draft: this.key, order }));
    return id;
  }

  /** @param {string} id */
  async dropPhoto(id) {
    await this.drafts.store.dropPhoto(id);
  }

  /** Its photos without their pictures, in the order they were added. */
  async photos() {
    return (await this.drafts.store.photos()).filter(({ draft }) => draft === this.key);
  }

  /** @param {string} id @returns {Promise<ArrayBuffer | null>} */
  async picture(id) {
    const sealed = await this.drafts.store.picture(id);
    return sealed ? unseal(this.account?.keys ?? [], `photos/${id}`, sealed).catch(() => null) : null;
  }

  /**
   * Ends it by saving the deed: either both happen or none.
   * @param {import("./outbox.js").Outbox} outbox
   * @param {Omit<import("./outbox.js").Deed, "draft" | "id">} deed
   * @param {string | null} [mends] the refused one that it replaces
   */
  async save(outbox, deed, mends = null) {
    this.#over = true;
    try {
      await this.#writing?.catch(() => {});
      await this.#check();
      const whole = { ...deed, id: this.command, draft: this.key };
      return await (mends ? outbox.mend(mends, whole) : outbox.add(whole));
    } catch (error) {
      this.#over = false;
      throw error;
    }
  }

  /** The person does not want it. */
  async discard() {
    this.#over = true;
    await this.#writing?.catch(() => {});
    await this.drafts.store.dropDraft(this.key);
  }

  async #write() {
    while (this.#next) {
      const fields = this.#next;
      this.#next = null;
      const sealed = await seal(this.account?.keys[0] ?? null, `drafts/${this.key}`, toBytes(fields));
      const of = { account: this.account?.account ?? null, form: this.form, command: this.command };
      await this.drafts.store.putDraft({ id: this.key, ...of, at: this.drafts.now(), sealed });
    }
  }

  /** Nothing is written for somebody who has signed out meanwhile, in whatever tab. */
  async #check() {
    if (!this.account) return;
    const here = await this.drafts.store.account(this.drafts.now());
    if (here?.account !== this.account.account) throw new Gone(SIGNED_OUT);
  }
}

/**
 * Fills a form from its draft, then keeps every touch. `failed` hears why something could not be kept.
 * @param {HTMLFormElement} form
 * @param {Draft} draft
 * @param {(error: unknown) => void} failed
 */
export function follow(form, draft, failed) {
  if (draft.restored) fill(form, draft.fields);
  const keep = () => draft.keep(fieldsOf(form)).catch(failed);
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
}

/** What is in a form; files are photos of the draft and not here. @param {HTMLFormElement} form @returns {Fields} */
export function fieldsOf(form) {
  /** @type {Fields} */
  const fields = [];
  for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.push([name, value]);
  return fields;
}

/** @param {HTMLFormElement} form @param {Fields} fields */
export function fill(form, fields) {
  const left = fields.map(([name, value]) => ({ name, value }));
  const take = (/** @type {string} */ name, /** @type {string | null} */ value) => {
    const at = left.findIndex((one) => one.name === name && (value === null || one.value === value));
    return at < 0 ? undefined : left.splice(at, 1)[0].value;
  };
  for (const element of form.elements) {
    if (element instanceof HTMLInputElement && ["checkbox", "radio"].includes(element.type)) {
      element.checked = take(element.name, element.value) !== undefined;
    } else if (element instanceof HTMLSelectElement) {
      for (const option of element.options) option.selected = take(element.name, option.value) !== undefined;
    } else if (element instanceof HTMLTextAreaElement || (element instanceof HTMLInputElement && typed(element))) {
      element.value = take(element.name, null) ?? element.value;
    }
  }
}

/** @param {HTMLInputElement} input */
function typed({ name, type }) {
  return name !== "" && !["file", "submit", "button", "image", "reset"].includes(type);
}

/** @param {AccountRow | null} account @param {string} form */
function keyOf(account, form) {
  return `${account?.account ?? ""}/${form}`;
}
