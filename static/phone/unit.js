/** The unit's pages where there is no network: the list, one case, its next step. All from the working set and the outbox. */
import { html, nothing, render } from "../lib/lit-html.js";
import { chip, dueChip, sign, syncPill, topbar } from "./draw.js";
import { ABLE, thePhone } from "./open.js";
import { unsentByNumber } from "./unit-marks.js";
import { stepForm } from "./unit-step.js";
import { near } from "./words.js";

/** @typedef {import("../protocol.d.ts").Task} Task */
/** @typedef {Map<string, import("../outbox.js").Item>} Unsent */

const page = /** @type {HTMLElement} */ (document.querySelector("#page"));
const number = /^\/unit\/cases\/(\d+)/.exec(location.pathname)?.[1];
const step = new URLSearchParams(location.search).get("do");

if (ABLE) await begin();
else document.querySelector("#unable")?.removeAttribute("hidden");
page.removeAttribute("aria-busy");

async function begin() {
  const { dispatch } = thePhone();
  let drawn = "";
  const draw = async () => {
    // A form, and what stands in its place after it was sent, are left alone.
    if (page.querySelector("form[data-begun], .deed-said")) return;
    const { outbox, store } = thePhone();
    const tasks = /** @type {Task[] | null} */ (await outbox.section("unit"));
    const unsent = await unsentByNumber();
    const seen = (await store.account(Date.now()))?.seen ?? 0;
    const now = JSON.stringify([tasks, [...unsent.values()].map(({ id, state, words }) => [id, state, words]), seen]);
    if (now === drawn) return;
    drawn = now;
    page.querySelector(".skeleton")?.remove();
    if (page.querySelector("form[data-begun], .deed-said")) return;
    const task = tasks?.find((one) => one.number === number);
    topbar(number ?? "处置", number ? "/unit" : "");
    render(
      tasks === null
        ? none()
        : number
          ? task
            ? oneCase(task, unsent.get(number))
            : gone()
          : list(tasks, unsent, seen),
      page,
    );
    const form = page.querySelector("form[data-deed]");
    // It becomes a deed as it does on the server's pages (js/app.js).
    if (form instanceof HTMLFormElement) form.dataset.begun = "";
  };
  dispatch.listen(() => draw().catch(() => {}));
  await draw();
}

/** @param {Task[]} tasks @param {Unsent} unsent @param {number} seen */
function list(tasks, unsent, seen) {
  const groups = [
    { word: "待接单", tasks: tasks.filter(({ state }) => state === "dispatched") },
    { word: "在办", tasks: tasks.filter(({ state }) => state !== "dispatched") },
  ].filter((group) => group.tasks.length);
  return html`
    <p class="small">${sign("phone-saved")} 没连上网,这是${seen ? near(seen) : ""}存在本机的单子。接单、办结照常填,连上网自动发出。</p>
    ${groups.map(
      (group) => html`
      <section class="stack near" aria-label=${group.word}>
        <h2 class="section-word">${group.word} <span class="small number">${group.tasks.length}</span></h2>
        <ul class="rows" role="list">${group.tasks.map((task) => row(task, unsent.get(task.number)))}</ul>
      </section>`,
    )}
    ${groups.length ? nothing : html`<div class="empty"><p class="empty-line">没有要接的,也没有在办的</p></div>`}`;
}

/** @param {Task} task @param {import("../outbox.js").Item | undefined} item */
function row(task, item) {
  return html`
    <li class="row">
      <div class="row-words">
        <a class="row-title" href="/unit/cases/${task.number}">${task.subject}</a>
        <p class="row-line"><span class="row-place">${[task.area, task.place].filter(Boolean).join(" · ")}</span></p>
        <div class="row-foot">${stateChip(task)}${dueChip(task.due_at)}</div>
        ${item ? html`<p class="row-unsent">${syncPill(item.state)}</p>` : nothing}
      </div>
    </li>`;
}

/** @param {Task} task @param {import("../outbox.js").Item | undefined} item */
function oneCase(task, item) {
  const next = step === "take_on" || step === "finish" ? step : task.state === "dispatched" ? "take_on" : "finish";
  const mends = new URLSearchParams(location.search).get("mend");
  const facts = [
    ["在哪里", [task.area, task.place].filter(Boolean).join(" · ")],
    ["类别", task.category],
    ["派单时说", task.note],
    ["答应的", task.promise],
    ["编号", task.number],
  ].filter(([, value]) => value);
  // Taken on here and not yet sent: it may be finished all the same, the server takes them in their order.
  const waiting = item && !(item.verb === "take_on" && item.state !== "need" && step === "finish") && item.id !== mends;
  return html`
    <article class="unit-case stack">
      <header class="case-head">
        <div class="inline">${stateChip(task)}${dueChip(task.due_at)}</div>
        <h2>${task.subject}</h2>
      </header>
      <section class="stack near"><p class="told">${task.text}</p>
        ${task.photos.length ? html`<p class="small">上报人的 ${task.photos.length} 张照片,连上网可以看。</p>` : nothing}
        <dl class="facts">${facts.map(([word, value]) => html`<dt>${word}</dt><dd>${value}</dd>`)}</dl>
      </section>
      ${waiting ? unsentHere(item, task) : stepForm(task, next, item)}
    </article>`;
}

/** @param {import("../outbox.js").Item} item @param {Task} task */
function unsentHere({ id, verb, state, words, command }, { number }) {
  const word = verb === "take_on" ? "接单" : "办结";
  return html`
    <section class="card stack near">
      <p class="inline">${syncPill(state)}<strong>${word}</strong></p>
      ${command?.data?.text || command?.data?.promise ? html`<p class="told">${command.data.text || command.data.promise}</p>` : nothing}
      ${words ? html`<p class="small">${words}</p>` : nothing}
      <div class="actions">
        ${state === "need" ? html`<a class="button main" href="/unit/cases/${number}?do=${verb}&mend=${id}">${sign("edit")}<span>改一改再发</span></a>` : nothing}
        ${verb === "take_on" && state !== "need" ? html`<a class="button main" href="/unit/cases/${number}?do=finish">${sign("done")}<span>接着办结</span></a>` : nothing}
        <a class="button quiet" href="/unit"><span>回到单子</span></a>
      </div>
    </section>`;
}

/** @param {Task} task */
function stateChip({ state }) {
  return state === "dispatched" ? chip("waiting", "待接单") : chip("hand", "处理中");
}

function none() {
  return html`<div class="empty"><p class="empty-line">这部手机上还没有单子</p><p>登录后打开一次处置页,单子就存在这里,没有网也能看。</p></div>`;
}

function gone() {
  return html`<div class="empty"><p class="empty-line">这件不在本机的单子里</p><p>可能已经办完,或者派给了别人。连上网再看。</p>
    <div class="actions"><a class="button quiet" href="/unit"><span>回到单子</span></a></div></div>`;
}
