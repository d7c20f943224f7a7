/** A record that was made here: what it says, where it is, its receipt, what its findings led to; and the way to correct it. */
import { failed } from "../forms/checklist.js";
import { positionWords } from "../forms/questions.js";
import { html, nothing } from "../lib/lit-html.js";
import { chip, paint, sign, syncPill, topbar } from "../phone/draw.js";
import { thePhone } from "../phone/open.js";
import { near } from "../phone/words.js";
import { watch } from "./data.js";
import { nameOf, placeOf } from "./rows.js";
import { LEADS, LED, OUTCOMES } from "./words.js";

/** @param {HTMLElement} page @param {string} id */
export async function start(page, id) {
  await watch((data) => {
    const told = data.records.find((one) => one.id === id) ?? data.records.find(({ visit }) => visit.corrects === id);
    topbar(told ? nameOf(told.visit, data) : "巡查", "/round");
    paint(told ? whole(told, data) : gone(), page);
  });
}

/** @param {import("./today.js").Told} told @param {import("./data.js").Data} data */
function whole(told, data) {
  const { visit, state, made, answer, photos, words } = told;
  const refused = state === "need" && !answer;
  const lists = [...(data.round?.lists ?? []), ...Object.values(data.kept.lists)];
  const waits = dispatchWords(state);
  return html`
    <article class="stack">
      <header class="stack near">
        <p>${syncPill(state)}</p>
        <p class="round-figure">${OUTCOMES[visit.outcome]}${visit.outcome === "done" && !visit.findings?.length ? ",没有问题" : ""}</p>
        <p class="small">${[placeOf(visit.place, data)?.address, near(made)].filter(Boolean).join(" · ")}</p>
        ${visit.corrects ? html`<p class="small">这是更正过的;原来那条也留着。</p>` : nothing}
      </header>
      ${words && state === "need" ? html`<div class="notice need">${sign("need")}<p>${words}</p></div>` : nothing}
      ${waits ? html`<p>${waits}</p>` : nothing}
      ${answer ? receipt(told) : nothing}
      ${photos ? html`<p class="small">${sign("sync")} 还有 ${photos} 张照片在这部手机里,会自动传上去。</p>` : nothing}
      ${visit.findings?.length ? html`<section><h2 class="section-word">发现的问题</h2><ul class="rows" role="list">${visit.findings.map((one) => found(one, told, lists))}</ul></section>` : nothing}
      ${visit.note ? html`<section><h2 class="section-word">备注</h2><p class="told">${visit.note}</p></section>` : nothing}
      ${visit.lists?.length ? html`<details class="round-more"><summary>看每一项</summary>${visit.lists.map((one) => answers(one, lists))}</details>` : nothing}
      <div class="actions">
        <a class="button ${refused ? "main" : "quiet"}" href="/round/again/${told.id}">${sign("edit")}<span>${refused ? "改一改再发" : "更正这一条"}</span></a>
        <a class="button ${refused ? "quiet" : "main"}" href="/round"><span>回到今天</span></a>
      </div>
    </article>`;
}

/** @param {string} state */
function dispatchWords(state) {
  if (state !== "saved") return "";
  const { phase, words } = thePhone().dispatch.status;
  if (phase === "signIn") return "登录已过期。登录后接着发,内容都还在。";
  return words || "在这部手机里,连上网自动发出。";
}

/** @param {import("./today.js").Told} told */
function receipt({ answer, made }) {
  return html`
    <section class="card">
      <p>${sign("done")} <strong>已收到</strong>${answer?.version && answer.version > 1 ? `(第 ${answer.version} 版)` : ""}</p>
      ${(answer?.marks ?? []).map((mark) => html`<p class="small">${mark}</p>`)}
      <p class="small">回执 <span class="number round-head-mark">${answer?.head.slice(0, 16)}</span> · 在手机上做完 ${near(made)}</p>
    </section>`;
}

/** @param {import("../protocol.d.ts").VisitFinding} one @param {import("./today.js").Told} told @param {import("./data.js").List[]} lists */
function found(one, { answer }, lists) {
  const led = answer?.findings?.find(({ id }) => id === one.id);
  const item = itemOf(lists, one.version, one.item);
  return html`<li class="row round-row"><div class="row-words">
    <p class="round-name">${item?.label ?? one.words}</p>
    ${item && one.words ? html`<p class="round-what">${one.words}</p>` : nothing}
    <div class="row-foot">${chip(led ? "hand" : "waiting", led ? LED[one.leads_to] : LEADS[one.leads_to])}
      ${led?.number ? html`<span class="number">${led.number}</span>` : nothing}${led?.due ? html`<span class="small">${led.due} 前</span>` : nothing}</div>
  </div></li>`;
}

/** @param {import("../protocol.d.ts").ListAnswers} one @param {import("./data.js").List[]} lists */
function answers({ version, answers: given = {} }, lists) {
  const list = lists.find(({ id }) => id === version);
  const items = /** @type {import("../forms/checklist.js").Item[]} */ (list?.items ?? []);
  const bad = new Set(failed(items, given));
  const said = items.filter(({ id }) => Object.hasOwn(given, id));
  return html`<h3 class="visit-list">${list?.name ?? "检查表"}</h3><dl class="facts visit-answers">${said.map(
    (item) =>
      html`<div class=${bad.has(item.id) ? "bad" : ""}><dt>${item.label}</dt><dd>${inWords(item, given[item.id])}</dd></div>`,
  )}</dl>`;
}

/** @param {import("../forms/checklist.js").Item} item @param {unknown} answer */
function inWords(item, answer) {
  if (item.kind === "photo") return `${/** @type {unknown[]} */ (answer).length} 张`;
  if (item.kind === "position") return positionWords(answer);
  if (typeof answer === "boolean") return answer ? "是" : "不是";
  if (item.kind === "check") return { yes: "合格", no: "不合格", na: "不适用" }[String(answer)] ?? "";
  const labels = [answer].flat().map((one) => item.choices?.find(({ value }) => value === one)?.label ?? String(one));
  return labels.join("、");
}

/** @param {import("./data.js").List[]} lists @param {number | null | undefined} version @param {string | undefined} name */
function itemOf(lists, version, name) {
  const list = lists.find(({ id }) => id === version);
  return /** @type {import("../forms/checklist.js").Item[]} */ (list?.items ?? []).find(({ id }) => id === name);
}

function gone() {
  return html`<div class="empty"><p class="empty-line">这部手机上没有这一条记录</p><p>这里只留最近两天的;更早的社区那边有。</p>
    <div class="actions"><a class="button main" href="/round"><span>回到今天</span></a></div></div>`;
}
