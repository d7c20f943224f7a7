/** The photos of one field of a draft: made small, kept on the phone at once, shown, taken away again. */
import { makeButton, makeIcon } from "../js/dialog.js";
import { shrink } from "../shrink.js";

/** A file that is larger is no photo of a phone's; reading it would take the memory of the page. */
const LARGEST = 64 * 1024 * 1024;

/**
 * @typedef {{form: HTMLFormElement, name: string, most: number, add: (photo: {bytes: ArrayBuffer, type: string}) => Promise<string>,
 *   drop: (id: string) => Promise<void>, picture: (id: string) => Promise<ArrayBuffer | null>,
 *   failed: (error: unknown) => void}} Keeping `add` and `drop` keep the draft too
 */

/** How the kinds of photos begin (server/photos/kinds.py is exact); what begins otherwise is told at once. */
const BEGINNINGS = [/^\xff\xd8\xff/, /^\x89PNG/, /^RIFF....WEBP/s, /^....ftyp/s, /^GIF8/, /^BM/, /^(II\*\0|MM\0\*)/];

class NoPhoto extends Error {
  constructor() {
    super("这个文件不是照片,没有加上。文字不受影响。");
  }
}

/** @param {Blob} file */
async function isPhoto(file) {
  const start = String.fromCharCode(...new Uint8Array(await file.slice(0, 12).arrayBuffer()));
  return BEGINNINGS.some((kind) => kind.test(start));
}

export class Strip {
  #busy = 0;
  /** @type {(() => void)[]} */
  #waiting = [];

  /** @param {HTMLElement} field @param {Keeping} keeping */
  constructor(field, keeping) {
    this.field = field;
    this.keeping = keeping;
    this.list = listOf(field);
    this.said = field.querySelector("[data-upload-said]");
    field.classList.add("with-js");
    for (const input of field.querySelectorAll("input[type=file]")) {
      if (!(input instanceof HTMLInputElement)) continue;
      const take = () => {
        const files = [...(input.files ?? [])];
        input.value = "";
        if (files.length) this.add(files);
      };
      input.addEventListener("change", take);
      // Chosen before this module was there.
      take();
    }
    for (const item of this.list.querySelectorAll("li")) this.#removable(item, null);
    this.#count();
  }

  /** Ids, of photos on the server (`photo`) and on this phone, in the order they are shown. @returns {string[]} */
  get ids() {
    return [...this.list.querySelectorAll("li")].map((item) => item.dataset.id ?? "").filter(Boolean);
  }

  /** When no photo is being made small or kept any more. @returns {Promise<void>} */
  settled() {
    return this.#busy ? new Promise((resolve) => this.#waiting.push(() => resolve())) : Promise.resolve();
  }

  /** @param {File[]} files */
  async add(files) {
    const room = this.keeping.most - this.list.children.length;
    const over = files.length > room ? `一次最多 ${this.keeping.most} 张,多出来的没有加上。` : "";
    this.say(over);
    // One after the other: several at once are too much for an old phone's memory.
    for (const file of files.slice(0, Math.max(0, room))) await this.#one(file);
  }

  /** Shows photos that are kept already. @param {string[]} ids */
  async show(ids) {
    for (const id of ids) {
      const bytes = await this.keeping.picture(id);
      if (bytes) this.#kept(this.#item(new Blob([bytes])), id);
    }
  }

  /** @param {string} words */
  say(words) {
    if (this.said) this.said.textContent = words;
  }

  /** @param {File} file */
  async #one(file) {
    if (file.size > LARGEST) {
      return this.say(`照片太大(${Math.round(file.size / 1024 / 1024)} MB),请重拍或选小一点的。文字不受影响。`);
    }
    this.#busy += 1;
    const item = this.#item(file);
    item.setAttribute("aria-busy", "true");
    try {
      if (!(await isPhoto(file))) throw new NoPhoto();
      const { bytes, type, said } = await shrink(file);
      this.#kept(item, await this.keeping.add({ bytes, type }));
      if (said.latitude !== null && said.longitude !== null) {
        this.keeping.form.dispatchEvent(new CustomEvent("photo-position", { detail: said }));
      }
    } catch (error) {
      item.remove();
      if (error instanceof NoPhoto) this.say(error.message);
      else this.keeping.failed(error);
    } finally {
      item.removeAttribute("aria-busy");
      this.#busy -= 1;
      this.#count();
      if (!this.#busy) for (const go of this.#waiting.splice(0)) go();
    }
  }

  /** @param {Blob} photo */
  #item(photo) {
    const item = document.createElement("li");
    item.className = "upload-one";
    const image = document.createElement("img");
    image.src = URL.createObjectURL(photo);
    image.alt = `第 ${this.list.children.length + 1} 张照片`;
    image.addEventListener("error", () => item.classList.add("unseen-kind"), { once: true });
    item.append(image);
    this.list.append(item);
    this.#count();
    return item;
  }

  /** @param {HTMLLIElement} item @param {string} id */
  #kept(item, id) {
    item.dataset.id = id;
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = `kept-${this.keeping.name}`;
    input.value = id;
    item.append(input);
    this.#removable(item, id);
  }

  /** @param {HTMLElement} item @param {string | null} id of a photo on this phone */
  #removable(item, id) {
    item.querySelector(".upload-drop")?.remove();
    const button = makeButton("", "upload-remove", () => {
      const image = item.querySelector("img");
      if (image?.src.startsWith("blob:")) URL.revokeObjectURL(image.src);
      item.remove();
      if (id) this.keeping.drop(id).catch(this.keeping.failed);
      this.say("");
      this.#count();
      this.field.querySelector("label")?.focus();
    });
    button.setAttribute("aria-label", "不要这张照片");
    button.append(makeIcon("close"));
    item.append(button);
  }

  #count() {
    const there = this.list.children.length;
    this.field.classList.toggle("some", there > 0);
    this.field.classList.toggle("full", there >= this.keeping.most);
  }
}

/** The list of a field; a plain photo field gets one. @param {HTMLElement} field */
function listOf(field) {
  const there = field.querySelector("[data-upload-list]");
  if (there instanceof HTMLElement) return there;
  const list = document.createElement("ul");
  list.className = "upload-list";
  list.setAttribute("role", "list");
  list.dataset.uploadList = "";
  const said = document.createElement("p");
  said.className = "upload-said small";
  said.dataset.uploadSaid = "";
  said.setAttribute("role", "status");
  field.querySelector("[data-photo-chosen]")?.remove();
  field.append(list, said);
  return list;
}
