/** 今天: how much there is, what to go to now, the places of today nearest first, what became of things. */

import { idle } from "../able.js";
import { html, nothing } from "../lib/lit-html.js";
import { paint, sign, topbar } from "../phone/draw.js";
import { hearing, stateOf, watch } from "./data.js";
import { lastPlace, nothingHere, progress, ways } from "./head.js";
import { drawMap } from "./map.js";
import { became, orders, rectifications } from "./more.js";
import { doneRow, justDone, taskRow } from "./rows.js";
import { inOrder, todayOf } from "./today.js";

/** So many rows are there at once; the others follow while the phone has nothing better to do. */
const FIRST = 12;
const MORE = 60;
/** Milliseconds after which the next of them come all the same. */
const SOON = 500;
/** What was done just now stands on top for so long. */
const JUST = 120_000;

/**
 * @typedef {import("./today.js").Position} Position
 * @typedef {{map: boolean, from: Position | null, said: string, chosen: string, shown: number, open: Set<string>}} View
 * @typedef {{today: import("./today.js").Today, from: Position | null, due: import("./today.js").Row[]}} Plan
 */

/** @param {HTMLElement} page */
export async function start(page) {
  /** @type {View} */
  const view = { map: false, from: null, said: "", chosen: "", shown: FIRST, open: new Set() };
  /** @type {import("./data.js").Data | null} */
  let data = null;
  /** @type {Plan | null} */
  let plan = null;
  let following = false;
  topbar("巡查", "");

  const draw = () => {
    if (data) paint(plan ? whole(data, plan, view, act) : nothingHere(data, hearing()), page);
    follow();
  };
  /** @param {Partial<View>} change */
  const act = (change) => {
    Object.assign(view, change);
    if (change.from && data) plan = planOf(data, view.from);
    draw();
  };
  // The rest of a long list, a part at a time.
  const follow = () => {
    if (following || !plan || view.map || view.shown >= Math.max(plan.due.length, plan.today.later.length)) return;
    following = true;
    idle(() => {
      following = false;
      act({ shown: view.shown + MORE });
    }, SOON);
  };
  await watch((fresh) => {
    data = fresh;
    plan = planOf(fresh, view.from);
    draw();
  });
}

/** @param {import("./data.js").Data} data @param {Position | null} asked @returns {Plan | null} */
function planOf(data, asked) {
  if (!data.round) return null;
  const today = todayOf(data.round, data.records, Date.now());
  const from = asked ?? lastPlace(data, today);
  return { today, from, due: inOrder(today.due, from) };
}

/**
 * @param {import("./data.js").Data} data
 * @param {Plan} plan
 * @param {View} view
 * @param {(change: Partial<View>) => void} act
 */
function whole(data, { today, from, due }, view, act) {
  const round = /** @type {import("../protocol.d.ts").Round} */ (data.round);
  const lists = new Map(round.lists.map((list) => [list.id, list]));
  const of = { lists, from, day: today.day, begun: data.begun };
  const open = round.orders.filter((order) => stateOf(order, data.steps) !== "arrived");
  const just = today.done.find(({ made }) => Date.now() - made < JUST);
  const tasks = (/** @type {import("./today.js").Row[]} */ rows, /** @type {string} */ word) =>
    html`<ul class="rows" role="list" aria-label=${word}>${rows.slice(0, view.shown).map((row) => taskRow(row, of))}</ul>`;
  const folded = (/** @type {string} */ word, /** @type {number} */ count, /** @type {() => unknown} */ body) =>
    count ? fold(word, count, view, act, body) : nothing;
  return html`
    <div class="round">
      ${progress(today, data)}
      ${orders(open, data, round)} ${just ? justDone(just, data) : nothing}
      ${today.due.length + today.done.length ? ways(view, act, from) : nothing}
      ${view.map ? drawMap(data, today, { from, chosen: view.chosen, choose: (id) => act({ chosen: id }), of }) : tasks(due, "今天要去的")}
      ${folded("做完的", today.done.length, () => html`<ul class="rows" role="list">${today.done.slice(0, view.shown).map((told) => html`<li>${doneRow(told, data)}</li>`)}</ul>`)}
      ${folded("接下来两周", today.later.length, () => tasks(inOrder(today.later, from), "接下来两周"))}
      ${rectifications(round, today.day)} ${became(round)}
      <div class="actions at-thumb round-ways">
        <a class="button quiet" href="/round/scan">${sign("camera")}<span>扫标签</span></a>
        <a class="button quiet" href="/round/new">${sign("plus")}<span>记个问题</span></a>
      </div>
    </div>`;
}

/**
 * What few people open is drawn when they do.
 * @param {string} word
 * @param {number} count
 * @param {View} view
 * @param {(change: Partial<View>) => void} act
 * @param {() => unknown} body
 */
function fold(word, count, view, act, body) {
  const toggle = (/** @type {any} */ { target }) => {
    if (target.open === view.open.has(word)) return;
    const open = new Set(view.open);
    if (target.open) open.add(word);
    else open.delete(word);
    act({ open });
  };
  return html`<details class="round-more" @toggle=${toggle}><summary>${word} <span class="number">${count}</span></summary>${view.open.has(word) ? body() : nothing}</details>`;
}
