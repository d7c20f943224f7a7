/** Sends each photo as soon as it is chosen, so that pressing 发送 is quick and a refused photo is known at once. */
import { makeButton, makeIcon } from "../js/dialog.js";

/** @typedef {{id: string, thumb: string, display: string, position: object | null}} Taken */

/** @param {HTMLElement} field */
function start(field) {
  const list = field.querySelector("[data-upload-list]");
  const form = field.closest("form");
  if (!(list instanceof HTMLElement) || !form) return;
  const upload = new Upload(field, list, form);
  for (const input of field.querySelectorAll("[data-upload-input]")) {
    if (!(input instanceof HTMLInputElement)) continue;
    input.addEventListener("change", () => {
      const files = [...(input.files ?? [])];
      input.value = "";
      upload.add(files);
    });
  }
  form.addEventListener("submit", (event) => upload.hold(event));
}

/** The photos of one form: which are there, which are on their way. */
class Upload {
  /** @type {Set<XMLHttpRequest>} */
  #underway = new Set();
  /** @type {HTMLElement | null | undefined} the button that was pressed while photos were still on their way */
  #pressed;

  /**
   * @param {HTMLElement} field
   * @param {HTMLElement} list
   * @param {HTMLFormElement} form
   */
  constructor(field, list, form) {
    this.field = field;
    this.list = list;
    this.form = form;
    this.said = field.querySelector("[data-upload-said]");
    this.most = Number(field.dataset.most);
    this.bytes = Number(field.dataset.bytes);
    field.classList.add("with-js");
    for (const item of list.querySelectorAll("li")) this.#removable(item);
    this.#count();
  }

  /** @param {File[]} files */
  add(files) {
    const room = this.most - this.list.children.length;
    for (const file of files.slice(0, room)) this.#begin(file);
    this.#say(files.length > room ? `一次最多 ${this.most} 张,多出来的没有加上。` : "");
    this.#count();
  }

  /** A form whose photos are still on their way waits for them. @param {SubmitEvent} event */
  hold(event) {
    if (!this.#underway.size) return;
    event.preventDefault();
    this.#pressed = event.submitter;
    this.#say("照片还在传,传完就发送。");
  }

  /** @param {File} file */
  #begin(file) {
    const item = document.createElement("li");
    item.className = "upload-one";
    const image = document.createElement("img");
    image.src = URL.createObjectURL(file);
    image.alt = `第 ${this.list.children.length + 1} 张照片`;
    image.addEventListener("error", () => item.classList.add("unseen-kind"), { once: true });
    const bar = document.createElement("progress");
    bar.setAttribute("aria-label", "正在传照片");
    bar.max = 1;
    item.append(image, bar);
    this.list.append(item);
    this.#removable(item);
    if (file.size > this.bytes) {
      const size = Math.round(file.size / 1024 / 1024);
      this.#refuse(item, `照片太大(${size} MB),请重拍或选小一点的`);
    } else {
      this.#send(file, item, bar);
    }
  }

  /**
   * @param {File} file
   * @param {HTMLLIElement} item
   * @param {HTMLProgressElement} bar
   */
  #send(file, item, bar) {
    const request = new XMLHttpRequest();
    this.#underway.add(request);
    item.addEventListener("removed", () => request.abort());
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    });
    request.addEventListener("loadend", () => {
      this.#underway.delete(request);
      bar.remove();
      if (item.isConnected) this.#answered(request, file, item);
      this.#release();
    });
    const body = new FormData();
    body.append("photo", file);
    request.open("POST", "/photos");
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.send(body);
  }

  /**
   * @param {XMLHttpRequest} request
   * @param {File} file
   * @param {HTMLLIElement} item
   */
  #answered(request, file, item) {
    if (request.status === 201) {
      this.#took(request.response, item);
    } else if (request.status === 422 && !request.response?.passing) {
      this.#refuse(item, request.response?.detail ?? "这个文件不是照片");
    } else {
      this.#again(item, file, request.response?.detail ?? "网络不好,没有传上");
    }
  }

  /**
   * @param {Taken} taken
   * @param {HTMLLIElement} item
   */
  #took(taken, item) {
    item.dataset.id = taken.id;
    item.append(hidden("photo", taken.id));
    const image = item.querySelector("img");
    // A photo that the browser cannot show itself (HEIC) is shown as the server made it.
    if (image && item.classList.contains("unseen-kind")) image.src = taken.display;
    item.classList.remove("unseen-kind");
    if (taken.position) this.form.dispatchEvent(new CustomEvent("photo-position", { detail: taken.position }));
  }

  /**
   * @param {HTMLLIElement} item
   * @param {string} words
   */
  #refuse(item, words) {
    item.querySelector("progress")?.remove();
    item.querySelector("img")?.remove();
    item.classList.add("refused");
    const said = document.createElement("p");
    said.textContent = `${words}。文字不受影响。`;
    item.prepend(makeIcon("need"), said);
    item.append(hidden("refused", words));
    // Refused photos stand below the others and take none of their places.
    this.field.querySelector(".upload-pick")?.before(item);
    this.#count();
  }

  /**
   * @param {HTMLLIElement} item
   * @param {File} file
   * @param {string} words
   */
  #again(item, file, words) {
    item.classList.add("failed");
    const told = hidden("refused", words);
    const retry = makeButton("", "upload-again", () => {
      item.classList.remove("failed");
      told.remove();
      retry.remove();
      const bar = document.createElement("progress");
      bar.setAttribute("aria-label", "正在传照片");
      item.append(bar);
      this.#send(file, item, bar);
    });
    retry.append(makeIcon("sync"), `${words.replace(/。$/, "")},再传一次`);
    item.append(told, retry);
    if (this.#pressed !== undefined) this.#say("有照片没有传上。再传一次,或者再点发送,先不带它。");
    this.#pressed = undefined;
  }

  /** Sends the form that waited for its photos. */
  #release() {
    if (this.#underway.size || this.#pressed === undefined) return;
    const pressed = this.#pressed;
    this.#pressed = undefined;
    this.#say("");
    this.form.requestSubmit(pressed);
  }

  /** @param {HTMLElement} item */
  #removable(item) {
    item.querySelector(".upload-drop")?.remove();
    const button = makeButton("", "upload-remove", () => {
      const image = item.querySelector("img");
      if (image?.src.startsWith("blob:")) URL.revokeObjectURL(image.src);
      item.remove();
      item.dispatchEvent(new CustomEvent("removed"));
      this.#say("");
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
    this.field.classList.toggle("full", there >= this.most);
  }

  /** @param {string} words */
  #say(words) {
    if (this.said) this.said.textContent = words;
  }
}

/**
 * @param {string} name
 * @param {string} value
 */
function hidden(name, value) {
  const input = document.createElement("input");
  input.type = "hidden";
  input.name = name;
  input.value = value;
  return input;
}

for (const field of document.querySelectorAll("[data-upload]")) {
  if (field instanceof HTMLElement) start(field);
}
