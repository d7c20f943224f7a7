/** What is wrong and what follows: below an item that failed, and for what no checklist asks. */
import { newId } from "../clock.js";
import { html, nothing } from "../lib/lit-html.js";
import { sign } from "../phone/draw.js";
import { dueOf, finding, waysOf } from "./record.js";
import { LEADS } from "./words.js";

/** @typedef {import("./record.js").Found} Found */
/** @typedef {import("./visit-view.js").Act} Act */
/** @typedef {{subject: import("./subject.js").Subject, photos: import("./photos.js").Photos, act: Act, name: string}} Of */

/** @type {import("./record.js").Leads[]} what no item asks for cannot be set a date */
const FREE = ["case", "fixed", "note"];

/**
 * @param {import("./record.js").Item} item
 * @param {Found | undefined} found
 * @param {Of} of
 */
export function badly(item, found, of) {
  if (!found) return nothing;
  const ways = waysOf(item);
  // The list's own slots are there where the item demands a photo.
  return html`${follows(found, ways, of)} ${details(found, of, { due: dueOf(item, of.subject.day), slots: !item.photo_if_failed })}`;
}

/** @param {import("./visit-view.js").All} all */
export function more({ record, subject, view, photos, act }) {
  const add = () => act.touch(() => record.more.push(finding(newId(), subject.place ? "" : "case")));
  const drop = (/** @type {Found} */ one) => act.touch(() => record.more.splice(record.more.indexOf(one), 1));
  // At no known place something wrong is all there is to tell, unless somebody was sent there: then all may be well.
  const needed = !subject.place && !record.order;
  if (needed && !record.more.length) record.more.push(finding(newId(), "case"));
  return html`
    ${record.more.map((one, at) => {
      const of = { subject, photos, act, name: one.id };
      const wrong = view.wrong[one.id];
      return html`<section class="card round-finding stack near ${wrong ? "wrong" : ""}" aria-label="问题 ${at + 1}">
        <div class="field"><label for="w-${one.id}">${needed && at === 0 ? "哪里不对" : "另外发现的问题"}</label>
          <textarea id="w-${one.id}" rows="2" maxlength="2000" .value=${one.words} placeholder="比如:消防通道停满电动车"
            @input=${(/** @type {any} */ event) => act.touch(() => Object.assign(one, { words: event.target.value }))}></textarea></div>
        ${wrong ? html`<p class="field-error">${sign("need")}${wrong}</p>` : nothing}
        ${slots(one.leads_to === "fixed" ? "改好前的照片" : "照片", one.photos, of)}
        ${follows(one, FREE, of)}
        ${details(one, of, { due: "", slots: false, words: false })}
        ${one.leads_to === "case" ? forWhom(one, act) : nothing}
        ${needed && record.more.length === 1 ? nothing : html`<button type="button" class="button plain" @click=${() => drop(one)}>不要这一条</button>`}
      </section>`;
    })}
    <button type="button" class="button quiet" @click=${add}>${sign("plus")}<span>${needed ? "再记一个问题" : subject.place ? "另外发现了问题" : "发现了问题"}</span></button>`;
}

/** @param {Found} found @param {import("./record.js").Leads[]} ways @param {Of} of */
function follows(found, ways, { act, name }) {
  return html`<fieldset class="round-follows"><legend>接下来</legend><div class="round-chips">${ways.map(
    (way) => html`<label class="round-chip"><input type="radio" name="l.${name}" .checked=${found.leads_to === way}
      @change=${() => act.touch(() => Object.assign(found, { leads_to: way }))}><span>${LEADS[way]}</span></label>`,
  )}</div></fieldset>`;
}

/** @param {Found} found @param {Of} of @param {{due: string, slots: boolean, words?: boolean}} how */
function details(found, of, { due, slots: own, words = true }) {
  const { act, name } = of;
  const { leads_to } = found;
  if (!leads_to) return nothing;
  return html`
    ${own ? slots(leads_to === "fixed" ? "改好前的照片" : "照片", found.photos, of) : nothing}
    ${leads_to === "fixed" ? slots("改好后的照片", found.after, of) : nothing}
    ${
      leads_to === "rectify"
        ? html`<div class="field"><label for="d-${name}">哪天以前改好</label>
          <input id="d-${name}" type="date" .value=${found.due || due} min=${of.subject.day}
            @change=${(/** @type {any} */ event) => act.touch(() => Object.assign(found, { due: event.target.value }))}></div>`
        : nothing
    }
    ${
      words
        ? html`<div class="field"><label for="w-${name}">说明<span class="optional">可不填</span></label>
          <textarea id="w-${name}" rows="2" maxlength="2000" .value=${found.words}
            @input=${(/** @type {any} */ event) => act.touch(() => Object.assign(found, { words: event.target.value }))}></textarea></div>`
        : nothing
    }`;
}

/** @param {string} word @param {string[]} ids @param {Of} of */
function slots(word, ids, { photos, act }) {
  const take = (/** @type {any} */ { target }) => {
    const files = [...target.files];
    target.value = "";
    if (files.length) act.add(ids, files);
  };
  return html`<div class="photo-slots"><p class="small">${word}<span class="optional">可不拍</span></p><div class="slots">
    ${photos.shown(ids).map(
      ({ id, url }, at) => html`<div class="slot"><img src=${url} alt="${word} ${at + 1}">
        <button type="button" class="slot-remove" @click=${() => act.drop(ids, id)}>${sign("close")}<span class="sr">删去${word} ${at + 1}</span></button></div>`,
    )}
    ${ids.length < 9 ? html`<label class="slot slot-add">${sign("camera")}<span>${ids.length ? "再拍一张" : "拍照"}</span><input class="sr" type="file" accept="image/*" aria-label=${word} @change=${take}></label>` : nothing}
  </div></div>`;
}

/** A report for a resident, with their yes; the notices go to them. @param {Found} one @param {Act} act */
function forWhom(one, act) {
  const set = (/** @type {"for_name" | "for_phone"} */ name) => (/** @type {any} */ event) =>
    act.touch(() => Object.assign(one, { [name]: event.target.value }));
  return html`<details class="round-more" ?open=${one.for_phone !== ""}><summary>替居民上报</summary><div class="stack near">
    <div class="field"><label for="n-${one.id}">怎么称呼<span class="optional">可不填</span></label><input id="n-${one.id}" autocomplete="off" maxlength="40" .value=${one.for_name} @input=${set("for_name")}></div>
    <div class="field"><label for="p-${one.id}">手机号码</label><input id="p-${one.id}" type="tel" inputmode="tel" autocomplete="off" .value=${one.for_phone} @input=${set("for_phone")}>
      <p class="field-help">受理、办结的消息发给对方。</p></div>
    <label class="agree"><input type="checkbox" .checked=${one.for_agreed} @change=${(/** @type {any} */ event) => act.touch(() => Object.assign(one, { for_agreed: event.target.checked }))}><span>对方同意我替他上报</span></label>
  </div></details>`;
}
