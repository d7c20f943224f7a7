/** One thing that waits or needs the person, and one that was received, as rows of 还没发出的. */
import { html, nothing } from "../lib/lit-html.js";
import { ask } from "./ask.js";
import { sign, syncPill } from "./draw.js";
import { thePhone } from "./open.js";
import { near } from "./words.js";

/** @typedef {import("../outbox.js").Item} Item */
/** @typedef {import("../outbox.js").Received} Received */

/**
 * What a verb is called, what of its data says most, and the page where a refused one is mended. A new verb gets a row.
 * @type {Record<string, {word: string, text: (data: any) => string, mend?: (id: string, data: any) => string,
 *   see?: (answer: any) => string}>}
 */
export const VERBS = {
  report: {
    word: "上报",
    text: ({ text }) => text,
    mend: (id) => `/report?mend=${id}`,
    see: ({ link, number }) => link ?? `/mine/${number}`,
  },
  take_on: unit("接单", "take_on", ({ promise }) => promise),
  finish: unit("办结", "finish", ({ text }) => text),
  visit: {
    word: "巡查记录",
    text: ({ place_words, note, findings }) =>
      [place_words, note, ...(findings ?? []).map((/** @type {{words: string}} */ { words }) => words)]
        .filter(Boolean)
        .join(";"),
    mend: (_, { id }) => `/round/record/${id}`,
    see: () => "/round",
  },
  go: {
    word: "去现场",
    text: ({ does }) => (does === "accept" ? "接受" : "在路上"),
    see: () => "/round",
  },
  call: {
    word: "打电话",
    text: () => "给管理对象的负责人打过电话",
    see: () => "/round",
  },
  contact: {
    word: "走访",
    text: ({ said, needs }) => [said, needs].filter(Boolean).join(";"),
    mend: (id, { household }) => `/households/${household}?mend=${id}`,
    see: () => "/households",
  },
  ring: {
    word: "打电话",
    text: () => "给联系户打过电话",
    see: () => "/households",
  },
};

/** @param {string} word @param {string} verb @param {(data: any) => string} text */
function unit(word, verb, text) {
  return {
    word,
    text,
    mend: (/** @type {string} */ id, /** @type {any} */ { number }) => `/unit/cases/${number}?do=${verb}&mend=${id}`,
    see: (/** @type {any} */ { number }) => `/unit/cases/${number}`,
  };
}

/**
 * @param {Item} item
 * @param {import("./thumbs.js").Thumbs} thumbs
 * @param {import("./hand-over.js").Handing} handing
 */
export function unsentItem(item, thumbs, handing) {
  const { id, verb, state, command, made, photos } = item;
  const of = VERBS[verb];
  const title = `${of?.word ?? "一条记录"}${command?.data?.number ? ` ${command.data.number}` : ""}`;
  const words = command ? of?.text(command.data) : "";
  const why = whyOf(item);
  return html`<li class="card unsent-item" data-id=${id}>
    <div class="unsent-head">
      ${handing.choosing ? box(item, title, handing) : html`<strong>${title}</strong>`}
      ${item.receipt ? nothing : html`<span class="small">${near(made)}</span>`}
      ${syncPill(state)}
    </div>
    ${words ? html`<p class="unsent-words">${words}</p>` : nothing}
    ${photos.length ? html`<ul class="photos" role="list">${photos.map((photo, at) => thumb(photo, at, thumbs))}</ul>` : nothing}
    ${why ? html`<p class="small">${why}</p>` : nothing}
    ${state === "need" && !handing.choosing ? mends(item, handing) : nothing}
  </li>`;
}

/** @param {Received} received */
export function receivedItem({ at, command, receipt, photos }) {
  const of = VERBS[command?.verb];
  const { answer } = receipt;
  const words = command ? of?.text(command.data) : "";
  return html`<li class="card unsent-item">
    <div class="unsent-head"><strong>${of?.word ?? "一条记录"} ${
      answer?.number && of?.see
        ? html`<a class="reach" href=${of.see(answer)}>${answer.number}</a>`
        : (answer?.number ?? "")
    }</strong><span class="small">${near(at)}</span></div>
    ${words ? html`<p class="unsent-words one">${words}</p>` : nothing}
    <p class="small">${answer?.head ? html`回执校验 <span class="number">${answer.head.slice(0, 8)}</span>` : nothing}${
      photos ? ` · 还有 ${photos} 张照片在这部手机上` : nothing
    }</p>
  </li>`;
}

/** Why it is still here, where the head of the page does not say it already. @param {Item} item */
function whyOf({ state, words, tries }) {
  if (state === "need") return "";
  return words || (tries ? `试过 ${tries} 次,还没收下。` : "");
}

/** @param {Item} item @param {string} title @param {import("./hand-over.js").Handing} handing */
function box(item, title, handing) {
  const { id, command } = item;
  return html`<label class="unsent-box"><input type="checkbox" .checked=${handing.ids.has(id)} ?disabled=${!command}
    @change=${() => handing.toggle(id)}><strong>${title}</strong></label>`;
}

/** @param {import("../store.js").PhotoRow} photo @param {number} at @param {import("./thumbs.js").Thumbs} thumbs */
function thumb({ id, state, words }, at, thumbs) {
  return html`<li class=${state === "need" ? "unsent-photo need" : "unsent-photo"}>
    <img data-picture=${id} src=${thumbs.url(id) || nothing} alt="第 ${at + 1} 张照片${words ? `:${words}` : ""}" width="72" height="72">
  </li>`;
}

/** @param {Item} item @param {import("./hand-over.js").Handing} handing */
function mends(item, handing) {
  const { id, verb, words, fields, command, receipt, photos } = item;
  const refused = photos.filter(({ state }) => state === "need");
  const mend = !receipt && command && VERBS[verb]?.mend?.(id, command.data);
  const more = Object.values(fields).filter((one) => !words.includes(one));
  return html`
    <div class="unsent-why">${sign("need")}<div><p>${words}</p>${more.map((one) => html`<p>${one}</p>`)}</div></div>
    <div class="unsent-mends">
      ${mend ? html`<a class="button quiet" href=${mend}>${sign("edit")}<span>改一改再发</span></a>` : nothing}
      ${refused.map((photo) => withoutPhoto(photo.id, photos.indexOf(photo)))}
      ${command ? html`<button type="button" class="button quiet" @click=${() => handing.make([id])}>${sign("send")}<span>交给社区</span></button>` : nothing}
      ${receipt ? nothing : html`<button type="button" class="button danger" @click=${() => remove(item)}><span>删掉</span></button>`}
    </div>`;
}

/** @param {string} photo @param {number} at */
function withoutPhoto(photo, at) {
  const drop = () =>
    ask("这张照片不再发送,会从这部手机里删掉。文字不受影响。", "不要这张", () => thePhone().outbox.dropPhoto(photo));
  return html`<button type="button" class="button quiet" @click=${drop}><span>不要第 ${at + 1} 张照片</span></button>`;
}

/** @param {Item} item */
function remove({ id, photos }) {
  const also = photos.length ? `和 ${photos.length} 张照片` : "";
  ask(`写的内容${also}会从这部手机里删掉,找不回来。`, "删掉", () => thePhone().outbox.discard(id));
}
