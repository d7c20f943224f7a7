/** 今天: how much there is, what to go to now, the places of today nearest first, what became of things. */
import { html, nothing, render } from "../lib/lit-html.js";
import { sign, topbar } from "../phone/draw.js";
import { thePhone } from "../phone/open.js";
import { near } from "../phone/words.js";
import { load, stateOf } from "./data.js";
import { drawMap } from "./map.js";
import { became, orders, rectifications } from "./more.js";
import { here } from "./position.js";
import { doneRow, placeOf, taskRow } from "./rows.js";
import { inOrder, long, todayOf } from "./today.js";

/** @typedef {import("./today.js").Position} Position */
/** @typedef {import("./today.js").Row} Row */

/** So many rows are there at once; the others follow while the phone has nothing better to do. */
const FIRST = 12;
const MORE = 60;
const NEAR = "huying-near";

/** @param {HTMLElement} page */
export async function start(page) {
  const { dispatch } = thePhone();
  const view = {
    map: false,
    from: /** @type {Position | null} */ (null),
    said: "",
    chosen: "",
    shown: FIRST,
    waiting: true,
  };
  /** @type {import("./data.js").Data | null} */
  let data = null;
  let drawn = "";
  let more = 0;
  topbar("巡查", "");

  const draw = () => data && render(whole(data, view, act), page);
  /** @param {Partial<typeof view>} change */
  const act = (change) => {
    Object.assign(view, change);
    draw();
    follow();
  };
  // The rest of a long list, a part at a time.
  const follow = () => {
    cancelAnimationFrame(more);
    const count = data?.round?.tasks.length ?? 0;
    if (view.map || view.shown >= count) return;
    more = requestAnimationFrame(() => setTimeout(() => act({ shown: view.shown + MORE })));
  };
  const look = async () => {
    const phase = dispatch.status.phase;
    const fresh = await load();
    const now = JSON.stringify([fresh, [...fresh.steps], [...fresh.begun], fresh.round || phase]);
    if (now === drawn) return;
    drawn = now;
    data = fresh;
    view.waiting = phase === "sending";
    draw();
    follow();
  };
  dispatch.listen(() => look().catch(() => {}));
  globalThis.addEventListener("pageshow", ({ persisted }) => persisted && look());
  await look();
}

/**
 * @param {import("./data.js").Data} data
 * @param {{map: boolean, from: Position | null, said: string, chosen: string, shown: number, waiting: boolean}} view
 * @param {(change: any) => void} act
 */
function whole(data, view, act) {
  const { round, records } = data;
  if (!round) return nothingHere(data, view.waiting);
  const today = todayOf(round, records, Date.now());
  const from = view.from ?? lastPlace(data, today);
  const due = inOrder(today.due, from);
  const later = inOrder(today.later, from);
  const lists = new Map(round.lists.map((list) => [list.id, list]));
  const of = { lists, from, day: today.day, begun: data.begun };
  const open = round.orders.filter((order) => stateOf(order, data.steps) !== "arrived");
  const just = today.done.find(({ made }) => Date.now() - made < 120_000);
  return html`
    <div class="round">
      ${progress(today, data)}
      ${just ? html`<section class="round-just" role="status">${doneRow(just, data, true)}</section>` : nothing}
      ${orders(open, data, round)}
      ${today.due.length + today.done.length + today.later.length ? ways(view, act, from) : nothing}
      ${
        view.map
          ? drawMap(data, today, { from, chosen: view.chosen, choose: (id) => act({ chosen: id }), of })
          : html`<ul class="rows" role="list" aria-label="今天要去的">${due.slice(0, view.shown).map((row) => taskRow(row, of))}</ul>`
      }
      ${more("做完的", today.done.length, () => html`<ul class="rows" role="list">${today.done.map((told) => html`<li>${doneRow(told, data)}</li>`)}</ul>`)}
      ${more("接下来两周", later.length, () => html`<ul class="rows" role="list">${later.slice(0, view.shown).map((row) => taskRow(row, of))}</ul>`)}
      ${rectifications(round, today.day)} ${became(round)}
      <div class="actions at-thumb round-ways">
        <a class="button quiet" href="/round/scan">${sign("camera")}<span>扫标签</span></a>
        <a class="button quiet" href="/round/new">${sign("plus")}<span>记个问题</span></a>
      </div>
    </div>`;
}

/** @param {import("./today.js").Today} today @param {import("./data.js").Data} data */
function progress({ all, left, minutes, saved, day, due }, { seen, round }) {
  const old = round && day > round.day;
  const late = due.filter(({ task }) => task.to_day < day).length;
  const facts = [
    left && `约 ${long(minutes)}`,
    late && `${late} 处过了日子`,
    saved && `合并检查,少跑 ${saved} 趟`,
  ].filter(Boolean);
  return html`
    <header class="round-head">
      <p class="round-figure">${
        all === 0
          ? "今天没有要去的地方"
          : left === 0
            ? html`今天 <span class="number">${all}</span> 处,都做完了`
            : html`今天 <span class="number">${all}</span> 处,还有 <strong class="number">${left}</strong> 处`
      }</p>
      ${all ? html`<progress class="round-bar" max=${all} value=${all - left} aria-label="今天做完的"></progress>` : nothing}
      ${facts.length ? html`<p class="round-facts">${facts.join(" · ")}</p>` : nothing}
      ${old ? html`<p class="small">${sign("phone-saved")} 今天还没连上网,这是${near(seen)}存在手机里的安排,照常能查。</p>` : nothing}
    </header>`;
}

/**
 * @param {{map: boolean, said: string, from: Position | null}} view
 * @param {(change: any) => void} act
 * @param {Position | null} from
 */
function ways(view, act, from) {
  const ask = async () => {
    act({ said: "正在看您在哪里…" });
    const found = await here();
    if ("words" in found) return act({ said: found.words });
    remember();
    act({ from: found, said: "" });
  };
  return html`
    <div class="round-view">
      <div class="round-segments" role="group" aria-label="怎么看">
        ${[false, true].map(
          (
            map,
          ) => html`<button type="button" class="round-segment" aria-pressed=${view.map === map} @click=${() => act({ map })}>
            ${sign(map ? "map" : "list")}${map ? "地图" : "列表"}</button>`,
        )}
      </div>
      <button type="button" class="button quiet" @click=${ask}>${sign("pin")}<span>${from ? "重新按远近" : "由近到远"}</span></button>
    </div>
    ${view.said ? html`<p class="small" role="status">${view.said}</p>` : nothing}`;
}

/**
 * @param {string} word
 * @param {number} count
 * @param {() => unknown} body
 */
function more(word, count, body) {
  if (!count) return nothing;
  return html`<details class="round-more"><summary>${word} <span class="number">${count}</span></summary>${body()}</details>`;
}

/** Nearest goes on from the place that was done last, so that nobody is asked again where they are. @param {import("./data.js").Data} data @param {import("./today.js").Today} today @returns {Position | null} */
function lastPlace(data, today) {
  if (!remembered()) return null;
  const place = placeOf(today.done[0]?.visit.place, data);
  if (place?.latitude == null || place.longitude === null) return null;
  return { latitude: place.latitude, longitude: place.longitude };
}

function remember() {
  try {
    sessionStorage.setItem(NEAR, "on");
  } catch {
    // Asked again then.
  }
}

function remembered() {
  try {
    return sessionStorage.getItem(NEAR) === "on";
  } catch {
    return false;
  }
}

/** @param {import("./data.js").Data} data @param {boolean} waiting */
function nothingHere({ account }, waiting) {
  if (waiting) {
    return html`<div class="skeleton" role="status" aria-label="正在取">
      ${[1, 2, 3].map(() => html`<div class="skeleton-row"><span class="skeleton-words"><i></i><i></i></span></div>`)}
    </div>`;
  }
  const [line, more, href, word] = account
    ? ["这部手机上还没有您的巡查", "您现在不负责网格,或者还没有连上网取过。连上网再打开一次。", "/", "回首页"]
    : ["登录以后,今天要去的地方就在这里", "登录一次,没有网也能查、能记。", "/signin?next=/round", "去登录"];
  return html`<div class="empty"><p class="empty-line">${line}</p><p>${more}</p>
    <div class="actions"><a class="button main" href=${href}><span>${word}</span></a></div></div>`;
}
