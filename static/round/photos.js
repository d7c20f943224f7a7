/** The photos of a visit: made small, kept in its draft at once, shown. */
import { shrink } from "../shrink.js";

/** A file that is larger is no photo of a phone's. */
const LARGEST = 64 * 1024 * 1024;

export class Photos {
  /** @type {Map<string, string>} */
  #urls = new Map();
  /** @type {Promise<void>} */
  #busy = Promise.resolve();

  /**
   * @param {import("../drafts.js").Draft} draft
   * @param {import("../outbox.js").Outbox} outbox
   * @param {() => void} changed
   */
  constructor(draft, outbox, changed) {
    this.draft = draft;
    this.outbox = outbox;
    this.changed = changed;
    this.waiting = 0;
  }

  /** What the view shows; one that is not on this phone any more is on the server. @param {string[]} ids */
  shown(ids) {
    return ids.map((id) => ({ id, url: this.#urls.get(id) ?? `/photos/${id}/small` }));
  }

  /** Loads photos that are here already. @param {string[]} ids */
  async show(ids) {
    for (const id of ids) {
      const bytes = (await this.draft.picture(id)) ?? (await this.outbox.picture(id));
      if (bytes) this.#urls.set(id, URL.createObjectURL(new Blob([bytes])));
    }
    if (ids.length) this.changed();
  }

  /**
   * One after the other: several at once are too much for an old phone's memory.
   * @param {File[]} files
   * @param {(id: string) => Promise<void>} kept
   */
  add(files, kept) {
    this.waiting += files.length;
    this.changed();
    const work = this.#busy.then(async () => {
      for (const file of files) await this.#one(file, kept).finally(() => this.#less());
    });
    this.#busy = work.catch(() => {});
    return work;
  }

  /** @param {string} id */
  async drop(id) {
    const url = this.#urls.get(id);
    if (url) URL.revokeObjectURL(url);
    this.#urls.delete(id);
    await this.draft.dropPhoto(id);
  }

  /** When no photo is on its way into the draft any more. */
  settled() {
    return this.#busy;
  }

  /** @param {File} file @param {(id: string) => Promise<void>} kept */
  async #one(file, kept) {
    if (file.size > LARGEST)
      throw new Error(`照片太大(${Math.round(file.size / 1024 / 1024)} MB),请重拍或选小一点的。`);
    const { bytes, type } = await shrink(file);
    const id = await this.draft.addPhoto({ bytes, type });
    this.#urls.set(id, URL.createObjectURL(new Blob([bytes], { type })));
    await kept(id);
  }

  #less() {
    this.waiting -= 1;
    this.changed();
  }
}
