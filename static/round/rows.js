/** Rows of the round: a place to go to, a record that was made. */
import { html, nothing } from "../lib/lit-html.js";
import { chip, sign, syncPill } from "../phone/draw.js";
import { near } from "../phone/words.js";
import { distance, far, long } from "./today.js";
import { dayWord, OUTCOMES } from "./words.js";

/**
 * @typedef {{lists: Map<number, import("../protocol.d.ts").RoundList>, from: import("./today.js").Position | null, day: string,
 *   begun: Set<string>}} Of
 */

/** @param {import("./today.js").Row} row @param {Of} of */
export function taskRow({ task, place, need }, { lists, from, day, begun }) {
  const away = from ? far(distance(from, place)) : "";
  const names = task.lists.map((id) => lists.get(id)?.name).filter(Boolean);
  const marks = [
    need && syncPill("need"),
    task.rectification && chip("waiting", task.only.length ? `复查 ${task.only.length} 项` : "复查"),
    task.to_day < day && chip("need", `过了 ${dayWord(task.to_day, day)}`),
    task.day > day && chip("plain", dayWord(task.day, day)),
    task.tries > 0 && chip("plain", `去过 ${task.tries} 次没查成`),
    task.given && chip("hand", "交给您的"),
    begun.has(`visit/task/${task.id}`) && chip("hand", "写了一半"),
  ].filter(Boolean);
  return html`
    <li class="row round-row">
      <div class="row-words">
        ${place.last_finding ? html`<p class="round-last">${sign("flag")}<span>上次:${place.last_finding}</span></p>` : nothing}
        <a class="row-title" href=${need ? `/round/record/${need.id}` : `/round/task/${task.id}`}>${place.name}</a>
        <p class="row-line"><span class="row-place">${place.address}</span>${away ? html`<span class="row-when">${away}</span>` : nothing}</p>
        <p class="round-what">${[names.join("、"), `约 ${long(task.minutes)}`, task.saved && `一次顶 ${task.saved + 1} 次`].filter(Boolean).join(" · ")}</p>
        ${marks.length ? html`<div class="row-foot">${marks}</div>` : nothing}
      </div>
    </li>`;
}

/** @param {import("./today.js").Told} told @param {import("./data.js").Data} data */
export function doneRow(told, data) {
  const { visit, state, made, photos } = told;
  const found = visit.findings?.length ?? 0;
  const words = visit.outcome !== "done" ? OUTCOMES[visit.outcome] : found ? `${found} 个问题` : "没有问题";
  const waits = state === "received" && photos ? `,还有 ${photos} 张照片在传` : "";
  return html`
    <div class="row round-row">
      <div class="row-words">
        <a class="row-title" href="/round/record/${told.id}">${nameOf(visit, data)}</a>
        <p class="row-line"><span class="row-place">${words}${visit.corrects ? " · 更正过" : ""}</span><span class="row-when">${near(made)}</span></p>
        <div class="row-foot">${syncPill(state, waits)}</div>
      </div>
    </div>`;
}

/** What was finished last, in one line. @param {import("./today.js").Told} told @param {import("./data.js").Data} data */
export function justDone(told, data) {
  return html`<p class="round-just" role="status">${syncPill(told.state)}<a href="/round/record/${told.id}">${nameOf(told.visit, data)}</a></p>`;
}

/** @param {import("../protocol.d.ts").Visit} visit @param {import("./data.js").Data} data */
export function nameOf(visit, data) {
  return placeOf(visit.place, data)?.name || visit.place_words || "管理对象";
}

/** @param {string | null | undefined} place @param {import("./data.js").Data} data @returns {import("./data.js").Place | null} */
export function placeOf(place, { round, kept }) {
  return round?.places.find(({ id }) => id === place) ?? (place ? kept.places[place] : null) ?? null;
}
