/**
 * A checklist as the phone shows it: big switches, what failed with what it asks for, photo slots with their reason.
 * It keeps nothing: answers go out through `onAnswer`, and the caller renders again.
 */

import { repeat } from "../lib/lit-html/directives/repeat.js";
import { html, nothing } from "../lib/lit-html.js";
import { failed, shown } from "./checklist.js";
import { answerTo, POSITION_MISSING, positionWords } from "./questions.js";

/**
 * @typedef {import("./checklist.js").Item} Item
 * @typedef {import("./checklist.js").Answers} Answers
 * @typedef {{ id: string, url: string }} Photo
 * @typedef {object} Options
 * @property {(item: Item, answer: unknown) => void} onAnswer null where the answer was taken away
 * @property {(item: Item, files: File[]) => void} onPhoto
 * @property {(item: Item, photo: Photo) => void} [onRemovePhoto]
 * @property {(item: Item) => void} [onPosition] the position is asked for now; what comes of it is given to `onAnswer`
 * @property {string} [locating] id of the item whose position is being found
 * @property {Record<string, Photo[]>} [photos] by the item's id: answers of photo items and photos of failed ones
 * @property {Record<string, string>} [wrong] what `problems` says, once it shall be shown
 * @property {(item: Item) => unknown} [below] what the page puts below a failed item, e.g. what becomes of it
 * @property {string} [prefix] where several checklists stand on one page, one for each
 */

const SPRITE = `${new URL("../icons/sprite.svg", import.meta.url).pathname}`;
const NUMBER = /^-?[0-9]{1,15}([.][0-9]{1,10})?$/;
/** @type {[unknown, string, string, string][]} value, word, icon, meaning */
const CHECK = [
  ["yes", "合格", "done", "good"],
  ["no", "不合格", "need", "bad"],
  ["na", "不适用", "plain", "none"],
];
/** @type {[unknown, string][]} */
const YES_NO = [
  [true, "是"],
  [false, "不是"],
];

/**
 * The whole list as a lit template.
 * @param {Item[]} items
 * @param {Answers} answers
 * @param {Options} options
 */
export function checklist(items, answers, options) {
  const visible = shown(items, answers);
  const bad = new Set(failed(items, answers));
  return html`<div class="checklist">${repeat(
    items.filter((item) => visible.has(item.id)),
    (item) => item.id,
    (item) => one(item, answerTo(item, answers), bad.has(item.id), options),
  )}</div>`;
}

/**
 * @param {Item} item
 * @param {unknown} answer
 * @param {boolean} bad
 * @param {Options} options
 */
function one(item, answer, bad, options) {
  const wrong = own(options.wrong, item);
  const name = `${options.prefix ?? "c"}.${item.id}`;
  const told = [item.help && `h-${name}`, wrong && `e-${name}`].filter(Boolean).join(" ") || nothing;
  const choose = ["check", "yes_no", "choice", "choices", "photo", "position"].includes(item.kind);
  const words = html`${item.label}${item.required ? nothing : html`<span class="optional">可不填</span>`}`;
  const help = item.help ? html`<p class="field-help" id="h-${name}">${item.help}</p>` : nothing;
  const control = CONTROLS[item.kind](item, answer, name, told, options);
  return html`<div class="check-item ${bad ? "is-bad" : ""} ${wrong ? "wrong" : ""}" data-item=${item.id}>
    ${
      choose
        ? html`<fieldset class="check-ask" aria-describedby=${told}><legend>${words}</legend>${help}${control}</fieldset>`
        : html`<div class="check-ask field"><label for=${name}>${words}</label>${help}${control}</div>`
    }
    ${wrong ? html`<p class="field-error" id="e-${name}">${icon("need")}${wrong}</p>` : nothing}
    ${bad ? badly(item, name, options) : nothing}
    ${source(item)}
  </div>`;
}

/**
 * What a failed item says: what is to be done, the photo with its reason, and what the page adds.
 * @param {Item} item
 * @param {string} name
 * @param {Options} options
 */
function badly(item, name, options) {
  return html`<div class="check-bad">
    ${item.kind === "check" ? nothing : html`<p class="check-verdict">${icon("need")}不合格</p>`}
    ${item.remedy ? html`<p>要做的:${item.remedy}</p>` : nothing}
    ${item.photo_if_failed ? slots(item, `${name}.photo`, nothing, options) : nothing}
    ${options.below?.(item) ?? nothing}
  </div>`;
}

/** @param {Item} item */
function source(item) {
  const parts = [item.demanded_by && `${item.demanded_by}要求`, item.rule].filter(Boolean);
  return parts.length ? html`<p class="check-source">${parts.join(" · ")}</p>` : nothing;
}

/** @typedef {(item: Item, answer: unknown, name: string, told: string | typeof nothing, options: Options) => unknown} Control */

/** @type {Record<import("./questions.js").Kind, Control>} */
const CONTROLS = {
  check: (item, answer, name, _told, { onAnswer }) =>
    html`<div class="three-way">${CHECK.map(
      ([value, word, sign, meaning]) =>
        html`<label class="way ${meaning}">
          <input type="radio" name=${name} value=${value} .checked=${answer === value} @change=${() => onAnswer(item, value)} />
          ${icon(sign)}<span>${word}</span>
        </label>`,
    )}</div>`,
  yes_no: (item, answer, name, _told, { onAnswer }) =>
    html`<div class="three-way">${YES_NO.map(
      ([value, word]) =>
        html`<label class="way plain">
          <input type="radio" name=${name} .checked=${answer === value} @change=${() => onAnswer(item, value)} />
          <span>${word}</span>
        </label>`,
    )}</div>`,
  choice: (item, answer, name, _told, { onAnswer }) =>
    tiles(
      item,
      name,
      "radio",
      (value) => answer === value,
      (value) => onAnswer(item, value),
    ),
  choices: (item, answer, name, _told, { onAnswer }) => {
    const chosen = new Set(Array.isArray(answer) ? answer : []);
    return tiles(
      item,
      name,
      "checkbox",
      (value) => chosen.has(value),
      (value, on) => {
        if (on) chosen.add(value);
        else chosen.delete(value);
        onAnswer(
          item,
          (item.choices ?? []).map((each) => each.value).filter((each) => chosen.has(each)),
        );
      },
    );
  },
  number: (item, answer, name, told, { onAnswer }) =>
    html`<input id=${name} class="check-number" inputmode="decimal" autocomplete="off" aria-describedby=${told} .value=${text(answer)}
      @input=${(/** @type {InputEvent} */ event) => onAnswer(item, number(typedIn(event)))} />`,
  text: (item, answer, name, told, { onAnswer }) =>
    html`<textarea id=${name} rows="2" aria-describedby=${told} .value=${text(answer)}
      @input=${(/** @type {InputEvent} */ event) => onAnswer(item, typedIn(event) || null)}></textarea>`,
  date: (item, answer, name, told, { onAnswer }) =>
    html`<input id=${name} type="date" aria-describedby=${told} .value=${text(answer)}
      @input=${(/** @type {InputEvent} */ event) => onAnswer(item, typedIn(event) || null)} />`,
  photo: (item, _answer, name, told, options) => slots(item, name, told, options),
  position,
};

/** A position is taken by a tap, this once; that it could not be had is an answer too. @type {Control} */
function position(item, answer, name, _told, { onAnswer, onPosition, locating }) {
  const given = typeof answer === "object" && answer !== null && !Array.isArray(answer) ? answer : null;
  const missing = given !== null && "missing" in given && String(given.missing) in POSITION_MISSING;
  const busy = locating === item.id;
  const word = busy ? "正在看您在哪里…" : given ? "重新取一次" : "取现在的位置";
  return html`<div class="check-position">
    ${item.position_reason ? html`<p class="small" id="w-${name}">为什么取:${item.position_reason}</p>` : nothing}
    ${
      given
        ? html`<p class="check-place ${missing ? "missing" : ""}" role="status">${icon(missing ? "waiting" : "done")}<span>${positionWords(given)}${missing ? "。不影响,接着查就行。" : ""}</span></p>`
        : nothing
    }
    <div class="check-position-ways">
      <button type="button" class="button quiet" aria-describedby=${item.position_reason ? `w-${name}` : nothing} aria-busy=${busy ? "true" : nothing}
        ?disabled=${busy} @click=${() => onPosition?.(item)}>${icon("pin")}<span>${word}</span></button>
      ${given && !missing ? html`<button type="button" class="button plain" @click=${() => onAnswer(item, null)}>不留位置</button>` : nothing}
    </div>
  </div>`;
}

/**
 * @param {Item} item
 * @param {string} name
 * @param {"radio" | "checkbox"} type
 * @param {(value: string) => boolean} on
 * @param {(value: string, on: boolean) => void} choose
 */
function tiles(item, name, type, on, choose) {
  return html`<div class="choice-tiles">${(item.choices ?? []).map(
    ({ value, label }) =>
      html`<label class="choice-tile ${label.length > 12 ? "long" : ""}">
        <input type=${type} name=${name} .checked=${on(value)}
          @change=${(/** @type {Event} */ event) => choose(value, /** @type {HTMLInputElement} */ (event.target).checked)} />
        <span class="choice-word">${label}</span>
      </label>`,
  )}</div>`;
}

/**
 * The photos there are, and the camera for one more, with the form's reason.
 * @param {Item} item
 * @param {string} name
 * @param {string | typeof nothing} told
 * @param {Options} options
 */
function slots(item, name, told, { onPhoto, onRemovePhoto, photos = {}, wrong }) {
  const there = own(photos, item) ?? [];
  // A missing photo is asked for with its reason; that need not be said twice.
  const reason = item.photo_reason && !own(wrong, item)?.includes(item.photo_reason);
  const most = item.kind === "photo" && typeof item.max === "number" ? item.max : 9;
  return html`<div class="photo-slots">
    ${reason ? html`<p class="small" id="w-${name}">为什么拍:${item.photo_reason}</p>` : nothing}
    <div class="slots">
      ${there.map(
        (photo, place) => html`<div class="slot">
          <img src=${photo.url} alt="照片 ${place + 1}" />
          ${
            onRemovePhoto
              ? html`<button type="button" class="slot-remove" @click=${() => onRemovePhoto(item, photo)}>${icon("close")}<span class="sr">删去照片 ${place + 1}</span></button>`
              : nothing
          }
        </div>`,
      )}
      ${
        there.length < most
          ? html`<label class="slot slot-add">${icon("camera")}<span>${there.length ? "再拍一张" : "拍照"}</span>
              <input class="sr" type="file" accept="image/*" aria-describedby=${reason ? `w-${name}` : told}
                @change=${(/** @type {Event} */ event) => taken(event, item, onPhoto)} />
            </label>`
          : nothing
      }
    </div>
  </div>`;
}

/**
 * @param {Event} event
 * @param {Item} item
 * @param {Options["onPhoto"]} onPhoto
 */
function taken(event, item, onPhoto) {
  const input = /** @type {HTMLInputElement} */ (event.target);
  const files = [...(input.files ?? [])];
  // So that the same photo can be taken again after it was removed.
  input.value = "";
  if (files.length) onPhoto(item, files);
}

/**
 * What was typed as a number, or as it was typed where it is none: `problems` names it.
 * @param {string} typed
 */
function number(typed) {
  const plain = typed.trim().replace(/[０-９．－]/g, (one) => String.fromCharCode(one.charCodeAt(0) - 0xfee0));
  if (plain === "") return null;
  return NUMBER.test(plain) ? Number(plain) : plain;
}

/** @param {unknown} answer */
function text(answer) {
  return typeof answer === "string" || typeof answer === "number" ? String(answer) : "";
}

/** @param {Event} event */
function typedIn(event) {
  return /** @type {HTMLInputElement | HTMLTextAreaElement} */ (event.target).value;
}

/**
 * @template T
 * @param {Record<string, T> | undefined} by
 * @param {Item} item
 */
function own(by, item) {
  return by && Object.hasOwn(by, item.id) ? by[item.id] : undefined;
}

/** @param {string} name */
function icon(name) {
  return html`<svg class="icon" aria-hidden="true"><use href="${SPRITE}#${name}"></use></svg>`;
}
