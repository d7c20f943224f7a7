/** What a member sees of their households: drawn, nothing is done here. */
import { html, nothing } from "../lib/lit-html.js";
import { chip, sign, syncPill } from "../phone/draw.js";
import { near } from "../phone/words.js";
import { dayOf, inDays, NEXT, OUTCOMES, TOPICS, WAYS } from "./words.js";

/** @typedef {import("../protocol.d.ts").LinkedHousehold} Household */
/** @typedef {import("../protocol.d.ts").LinkedVisit} Visit */
/** @typedef {import("../outbox.js").Item} Item */

/** @param {Household[]} households @param {Item[]} unsent */
export function list(households, unsent) {
  if (!households.length) {
    return html`<div class="empty"><p class="empty-line">还没有安排您联系的户</p><p>社区安排好了,会出现在这里,没有网也能看。</p></div>`;
  }
  return html`<ul class="rows" role="list" aria-label="联系户">${households.map((one) => row(one, unsent))}</ul>`;
}

/** @param {Household} household @param {Item[]} unsent */
function row({ id, words, people, tags, visits, care = [], last_visit_at, next_visit_on }, unsent) {
  const waits = unsent.find(({ command }) => command?.data?.household === id);
  const answered = visits.find(({ answer }) => answer);
  const today = inDays(0);
  return html`
    <li class="row">
      <div class="row-words">
        <a class="row-title" href="/households/${id}">${people[0]?.name ?? words}</a>
        <p class="row-line"><span class="row-place">${words}</span><span class="row-when">${last_visit_at ? near(last_visit_at) : "没去过"}</span></p>
        ${tags.length ? html`<p class="row-line">${tags.join("、")}</p>` : nothing}
        <div class="row-foot">
          ${answered ? chip("hand", "有答复要带回") : nothing}
          ${looking(care)}
          ${next_visit_on ? (next_visit_on <= today ? chip("waiting", next_visit_on < today ? "该去了" : "今天去") : html`<span class="small">下次 ${dayOf(next_visit_on)}</span>`) : nothing}
        </div>
        ${waits ? html`<p class="row-unsent">${syncPill(waits.state)}</p>` : nothing}
      </div>
    </li>`;
}

/** What was agreed on with the member, as far as it is pressing. @param {Household["care"]} care */
function looking(care) {
  const mine = care.filter((one) => one.mine || one.alarm);
  const [first] = [...mine].sort((a, b) => a.due_at.localeCompare(b.due_at));
  if (mine.some(({ alarm }) => alarm)) return chip("need", "设备报警,快去看看");
  if (!first) return nothing;
  if (Date.parse(first.due_at) <= Date.now()) return chip("need", "该联系了");
  return html`<span class="small">${near(first.due_at)} 前联系</span>`;
}

/**
 * @param {Household} household
 * @param {Item[]} unsent
 * @param {(household: string, person: string) => unknown} call
 */
export function one(household, unsent, call) {
  const { id, area, private: closed, tags, people, visits, care = [], for_successor } = household;
  const here = unsent.filter(({ command, state }) => command?.data?.household === id && state !== "need");
  const answers = visits.filter(({ answer }) => answer);
  return html`
    <section class="card stack near" aria-label="找谁">
      ${people.map(
        (
          person,
        ) => html`<p class="inline"><strong>${person.name}</strong>${person.relation ? html`<span class="small">${person.relation}</span>` : nothing}
        ${person.phone ? html`<a class="button quiet" href="tel:${person.phone}" @click=${() => call(id, person.id)}>${sign("phone")}<span>打电话</span></a>` : nothing}</p>`,
      )}
      <p class="small">${[area, ...tags, closed ? "这户的事只让书记看到" : ""].filter(Boolean).join(" · ")}</p>
      ${care.map(({ name, due_at, alarm }) => html`<p class="inline">${alarm ? chip("need", "设备报警") : Date.parse(due_at) <= Date.now() ? chip("need", "该联系了") : chip("hand", "关爱")}<span>${name}</span><span class="small">${near(due_at)}${Date.parse(due_at) > Date.now() ? " 前" : " 起"}</span></p>`)}
      ${for_successor ? html`<p class="told">${for_successor}</p>` : nothing}
    </section>
    ${answers.map(
      ({ number, needs, answer }) => html`
      <section class="card stack near" aria-label="要带回的答复">
        <p class="inline">${chip("hand", "请带回答复")}<span class="small number">${number}</span></p>
        <p class="small">${needs}</p>
        <p class="told">${answer}</p>
      </section>`,
    )}
    ${here.map(({ state, command }) => html`<p class="inline">${syncPill(state)}<span>${command?.data?.said || "一次走访"}</span></p>`)}
    ${entry(household)}
    ${visits.length ? html`<section class="stack near" aria-label="以前的走访"><h2 class="section-word">以前</h2>${visits.map(past)}</section>` : nothing}`;
}

/** The entry: prefilled from last time, so that the usual one is a few taps. @param {Household} household */
function entry({ id, private: closed, visits }) {
  const last = visits.find(({ mine }) => mine);
  const way = last?.way ?? "door";
  return html`
    <form method="post" action="/households/${id}" class="stack contact" data-contact>
      ${chips("way", "怎么联系的", WAYS, [way], "radio")}
      ${chips("outcome", "见到了没有", OUTCOMES, ["met"], "radio")}
      ${chips("topics", "聊了什么", TOPICS, [], "checkbox")}
      <div class="field"><label for="f-said">说了什么<span class="optional">可不填</span></label><textarea id="f-said" name="said" rows="2" data-grow></textarea></div>
      <details class="ground"><summary>${sign("help")}<span>有需要</span></summary>
        <div class="field"><label for="f-needs">需要什么</label><textarea id="f-needs" name="needs" rows="2" data-grow></textarea></div>
        <label class="switch"><input type="checkbox" role="switch" name="ask" aria-describedby="h-ask"><span class="switch-words">报给书记办<span class="field-help" id="h-ask">会变成一件工单,办好了答复给您带回</span></span></label>
        <label class="switch"><input type="checkbox" role="switch" name="private" ?checked=${closed}><span class="switch-words">只让书记看到</span></label>
      </details>
      <fieldset class="promises">
        <legend>下次什么时候</legend>
        <div class="promise-chips">${NEXT.map(([word, days]) => html`<label class="promise"><input type="radio" name="next_on" value=${inDays(days)}><span>${word}</span></label>`)}</div>
      </fieldset>
      <div class="actions at-thumb"><button class="button main">${sign("done")}<span>记下</span></button></div>
    </form>`;
}

/**
 * @param {string} name
 * @param {string} legend
 * @param {Record<string, string>} words
 * @param {string[]} chosen
 * @param {"radio" | "checkbox"} kind
 */
function chips(name, legend, words, chosen, kind) {
  return html`<fieldset class="promises"><legend>${legend}</legend><div class="promise-chips">${Object.entries(
    words,
  ).map(
    ([value, word]) =>
      html`<label class="promise"><input type=${kind} name=${name} value=${value} ?checked=${chosen.includes(value)}><span>${word}</span></label>`,
  )}</div></fieldset>`;
}

/** @param {Visit} visit */
function past({ at, name, mine, way, outcome, topics, said, needs, number, state }) {
  const words = /** @type {Record<string, string>} */ (TOPICS);
  return html`
    <article class="card stack near">
      <p><strong>${/** @type {Record<string, string>} */ (OUTCOMES)[outcome] ?? ""}</strong> · ${/** @type {Record<string, string>} */ (WAYS)[way] ?? ""} <span class="small">${near(at)}${mine ? "" : ` ${name}`}</span></p>
      ${topics.length ? html`<p class="small">${topics.map((topic) => words[topic] ?? topic).join("、")}</p>` : nothing}
      ${said ? html`<p class="told">${said}</p>` : nothing}
      ${needs ? html`<p class="told">需要:${needs}</p>` : nothing}
      ${number ? html`<p class="inline"><a class="number" href="/mine/${number}">${number}</a>${state === "closed" ? chip("done", "已结案") : chip("hand", "在办")}</p>` : nothing}
    </article>`;
}

export function none() {
  return html`<div class="empty"><p class="empty-line">这部手机上还没有联系户</p><p>连上网打开一次,就存在这里,没有网也能看。</p></div>`;
}

export function gone() {
  return html`<div class="empty"><p class="empty-line">这户现在不由您联系</p><p>可能已经移交给别的党员。写过的都还在。</p>
    <div class="actions"><a class="button quiet" href="/households"><span>回到联系户</span></a></div></div>`;
}
