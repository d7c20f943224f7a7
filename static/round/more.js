/** Around the list: where to go now, what has to be put right, what became of findings. */
import { html, nothing } from "../lib/lit-html.js";
import { chip, sign } from "../phone/draw.js";
import { thePhone } from "../phone/open.js";
import { near } from "../phone/words.js";
import { stateOf } from "./data.js";
import { dayWord } from "./words.js";

const SEEN = 3;
/** @type {Record<string, [string, string]>} what is said next to an order, and the word for it */
const NEXT = { sent: ["accept", "接受"], accepted: ["on_way", "在路上了"] };

/**
 * @param {import("../protocol.d.ts").RoundOrder[]} open
 * @param {import("./data.js").Data} data
 * @param {import("../protocol.d.ts").Round} round
 */
export function orders(open, { steps }, round) {
  return open.map((order) => {
    const state = stateOf(order, steps);
    const place = round.places.find(({ id }) => id === order.place);
    const [does, word] = NEXT[state] ?? [];
    const go = () => thePhone().outbox.add({ verb: "go", data: { order: order.id, does } });
    const there = `/round/${place ? `place/${place.id}` : "new"}?order=${order.id}`;
    return html`
      <section class="card round-order" aria-label="请马上去">
        <p class="round-order-head">${sign("need")}<strong>请马上去</strong>${place ? html`<span>${place.name}</span>` : nothing}</p>
        <p class="told">${order.words}</p>
        <p class="small">${[place?.address || order.place_words, order.by, near(order.at), order.case && `工单 ${order.case}`].filter(Boolean).join(" · ")}</p>
        ${state === "on_way" ? html`<p class="small">${sign("hand")} 已告诉对方您在路上</p>` : nothing}
        <div class="actions">
          ${does ? html`<button type="button" class="button main" @click=${go}><span>${word}</span></button>` : nothing}
          <a class="button ${does ? "quiet" : "main"}" href=${there}><span>到了,记结果</span></a>
        </div>
      </section>`;
  });
}

/** @param {import("../protocol.d.ts").Round} round @param {string} day */
export function rectifications({ rectifications: open, places, tasks }, day) {
  if (!open.length) return nothing;
  const sorted = [...open].sort((one, other) => (one.due < other.due ? -1 : 1));
  // Whoever is ready early is looked at early.
  const again = (/** @type {typeof open[0]} */ { id, place }) => {
    const task = tasks.find(({ rectification }) => rectification === id);
    return task ? `/round/task/${task.id}` : `/round/place/${place}`;
  };
  const row = (/** @type {typeof open[0]} */ one) => html`
    <li class="row round-row"><div class="row-words">
      <a class="row-title" href=${again(one)}>${places.find(({ id }) => id === one.place)?.name ?? "管理对象"}</a>
      <p class="round-what">${one.words.split("\n")[0]}</p>
      <div class="row-foot">${chip(one.due < day ? "need" : "waiting", `${dayWord(one.due, day)}到期`)}
        ${one.failed ? chip("need", "复查过一次没改好") : nothing}<span class="small number">${one.number}</span></div>
    </div></li>`;
  return html`<details class="round-more"><summary>等着改的 <span class="number">${open.length}</span></summary>
    <ul class="rows" role="list">${sorted.map(row)}</ul></details>`;
}

/** @typedef {import("../protocol.d.ts").RoundBecame} Became */

/** How it stands with what a finding led to. @param {Became} one */
export function stands({ state, state_words }) {
  return chip(/closed|passed|done|finished/.test(state) ? "done" : "hand", state_words);
}

/** @param {Became} one */
export function becameRow(one) {
  return html`
    <li class="row round-row"><div class="row-words">
      <a class="row-title" href="/round/record/${one.visit}">${one.words}</a>
      <p class="row-line"><span class="row-place">${one.place}</span><span class="row-when">${near(one.at)}</span></p>
      <div class="row-foot">${stands(one)}<span class="small number">${one.number}</span></div>
    </div></li>`;
}

/** @param {import("../protocol.d.ts").Round} round */
export function became({ became: all }) {
  if (!all.length) return nothing;
  return html`<section class="round-became"><h2 class="section-word">您发现的,后来</h2>
    <ul class="rows" role="list">${all.slice(0, SEEN).map(becameRow)}</ul>
    ${all.length > SEEN ? html`<details class="round-more"><summary>还有 <span class="number">${all.length - SEEN}</span> 件</summary><ul class="rows" role="list">${all.slice(SEEN).map(becameRow)}</ul></details>` : nothing}
  </section>`;
}
