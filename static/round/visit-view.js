/** A visit as it is filled: last time on top, what is asked, what was found, 完成 above the thumb. */
import { checklist } from "../forms/checklist-view.js";
import { html, nothing } from "../lib/lit-html.js";
import { sign } from "../phone/draw.js";
import { near } from "../phone/words.js";
import { spaced } from "./code.js";
import { badly, more } from "./finding-view.js";
import { here } from "./position.js";
import { itemsOf, positionOf } from "./record.js";
import { where } from "./where-view.js";
import { ASKED, dayWord, OUTCOMES } from "./words.js";

/**
 * @typedef {import("./subject.js").Subject} Subject
 * @typedef {import("./record.js").Record} Record
 * @typedef {{wrong: { [name: string]: string }, said: string, saving: boolean, restored: boolean, where: string, locating: string}} View
 * @typedef {{touch: (change: () => void) => Promise<unknown>, add: (ids: string[], files: File[]) => void, drop: (ids: string[], id: string) => void,
 *   say: (change: Partial<View>) => void, again: () => void, complete: () => void}} Act
 * @typedef {{record: Record, subject: Subject, view: View, photos: import("./photos.js").Photos, act: Act}} All
 */

/** @param {All} all */
export function whole(all) {
  const { record, subject, view, act, photos } = all;
  const known = subject.place !== null;
  return html`
    <div class="visit stack">
      ${subject.words ? notice("need", subject.words) : nothing}
      ${view.said ? notice("waiting", view.said) : nothing}
      ${subject.order ? notice("need", subject.order.words) : nothing}
      ${subject.past || subject.rectification ? last(subject) : nothing}
      ${known ? facts(subject) : where(all)}
      ${view.restored ? html`<p class="phone-restored small"><span>${sign("phone-saved")}接着上次的写</span><button type="button" class="button plain" @click=${act.again}>重新写</button></p>` : nothing}
      ${known ? outcomes(all) : nothing}
      ${record.outcome === "done" ? html`${lists(all)} ${more(all)}` : nothing}
      ${note(all)}
      <div class="actions at-thumb">
        <button type="button" class="button main" aria-busy=${view.saving || photos.waiting ? "true" : nothing} ?disabled=${view.saving} @click=${act.complete}>
          ${sign("done")}<span>${photos.waiting ? "正在存照片" : Object.keys(view.wrong).length ? `完成(还差 ${Object.keys(view.wrong).length} 处)` : "完成"}</span></button>
      </div>
    </div>`;
}

/** @param {"need" | "waiting"} kind @param {string} words */
function notice(kind, words) {
  return html`<div class="notice ${kind} visit-said" role="status">${sign(kind)}<p>${words}</p></div>`;
}

/** @param {Subject} subject */
function last({ past, rectification, only, day }) {
  const [first, ...earlier] = past?.past ?? [];
  const words =
    past?.last_finding ||
    (first ? (first.outcome === "done" ? "没有问题" : OUTCOMES[/** @type {Record["outcome"]} */ (first.outcome)]) : "");
  return html`
    <section class="visit-last ${past?.last_finding || rectification ? "found" : ""}" aria-label="上次">
      ${
        rectification
          ? html`<p class="visit-last-word">复查:${dayWord(rectification.due, day)}到期${only.length ? `,只看上次不合格的 ${only.length} 项` : ""}</p>
            <p class="told">${rectification.words}</p>`
          : html`<p class="visit-last-word">${words ? html`上次:${words}` : "还没有查过"}</p>`
      }
      ${first ? html`<p class="small">${near(first.at)} · ${first.by}</p>` : nothing}
      ${
        earlier.length
          ? html`<details class="round-more"><summary>更早的</summary><ul class="visit-past" role="list">${earlier.map(
              (one) =>
                html`<li><span class="small">${near(one.at)} · ${one.by}</span><br>${one.finding || OUTCOMES[/** @type {Record["outcome"]} */ (one.outcome)] || "没有问题"}</li>`,
            )}</ul></details>`
          : nothing
      }
    </section>`;
}

/** @param {Subject} subject */
function facts({ place, task, day }) {
  if (!place) return nothing;
  const phone = /** @type {{phone?: string}} */ (place).phone;
  const when = task && task.to_day < day ? `本该 ${dayWord(task.to_day, day)}前查` : "";
  return html`
    <section class="visit-facts">
      <div><p>${place.address}</p><p class="small">${[place.kind, spaced(place.code), when].filter(Boolean).join(" · ")}</p></div>
      ${phone ? html`<a class="button quiet" href="tel:${phone}" aria-label="打电话给经营者">${sign("phone")}<span>打电话</span></a>` : nothing}
    </section>`;
}

/** @param {All} all */
function outcomes({ record, act }) {
  const choose = (/** @type {Record["outcome"]} */ outcome) => act.touch(() => Object.assign(record, { outcome }));
  const others = /** @type {Record["outcome"][]} */ (Object.keys(OUTCOMES).filter((one) => one !== "done"));
  const chips = html`<div class="round-chips" role="group" aria-label="没查成的原因">${others.map(
    (one) =>
      html`<button type="button" class="round-chip" aria-pressed=${record.outcome === one} @click=${() => choose(record.outcome === one ? "done" : one)}>${OUTCOMES[one]}</button>`,
  )}</div>`;
  if (record.outcome === "done") return html`<details class="visit-not"><summary>没查成?</summary>${chips}</details>`;
  return html`<section class="visit-not stack near"><p><strong>这次没查成</strong></p>${chips}
    <button type="button" class="button plain" @click=${() => choose("done")}>还是查了,填检查表</button></section>`;
}

/** @param {All} all */
function lists(all) {
  const { record, subject, act } = all;
  const chosen = subject.offered ? subject.lists.filter(({ id }) => record.answers[id]) : subject.lists;
  const toggle = (/** @type {number} */ id) =>
    act.touch(() => {
      if (record.answers[id]) delete record.answers[id];
      else record.answers[id] = {};
    });
  return html`
    ${
      subject.offered && subject.lists.length
        ? html`<section class="stack near"><p class="small">要按检查表查就选一张,不选也可以只记问题。</p>
          <div class="round-chips" role="group" aria-label="检查表">${subject.lists.map(
            (list) =>
              html`<button type="button" class="round-chip" aria-pressed=${Boolean(record.answers[list.id])} @click=${() => toggle(list.id)}>${list.name}</button>`,
          )}</div></section>`
        : nothing
    }
    ${chosen.map((list) => html`<section class="stack near"><h2 class="visit-list"><span class="chip">${list.department}</span> ${list.name}</h2>${one(list, all)}</section>`)}`;
}

/** @param {import("./subject.js").List} list @param {All} all */
function one(list, { record, subject, view, photos, act }) {
  const items = itemsOf(list, subject.only);
  record.answers[list.id] ??= {};
  const answers = record.answers[list.id];
  const found = (/** @type {{id: string}} */ { id }) => record.found[`${list.id}.${id}`];
  /** @param {import("./record.js").Item} item @returns {string[]} */
  const idsOf = (item) => {
    if (item.kind !== "photo") return found(item)?.photos ?? [];
    if (!Array.isArray(answers[item.id])) answers[item.id] = [];
    return /** @type {string[]} */ (answers[item.id]);
  };
  const own = `${list.id}.`;
  const wrong = Object.fromEntries(
    Object.entries(view.wrong).flatMap(([key, words]) => (key.startsWith(own) ? [[key.slice(own.length), words]] : [])),
  );
  return checklist(items, answers, {
    prefix: String(list.id),
    wrong,
    photos: Object.fromEntries(
      items.filter((item) => item.kind === "photo" || found(item)).map((item) => [item.id, photos.shown(idsOf(item))]),
    ),
    onAnswer: (item, answer) =>
      act.touch(() => {
        if (answer === null) delete answers[item.id];
        else answers[item.id] = answer;
      }),
    locating: view.locating.startsWith(own) ? view.locating.slice(own.length) : "",
    onPosition: async (item) => {
      act.say({ locating: own + item.id });
      const found = await here(0);
      act.say({ locating: "" });
      await act.touch(() => Object.assign(answers, { [item.id]: positionOf(found) }));
    },
    onPhoto: (item, files) => act.add(idsOf(item), files),
    onRemovePhoto: (item, photo) => act.drop(idsOf(item), photo.id),
    below: (item) => badly(item, found(item), { subject, photos, act, name: `${list.id}.${item.id}` }),
  });
}

/** @param {All} all */
function note({ record, view, act }) {
  const why = ASKED[/** @type {keyof typeof ASKED} */ (record.outcome)];
  const field = html`<div class="field ${view.wrong.note ? "wrong" : ""}">
    <label for="f-note">${why ? "说明" : "备注"}<span class="optional">可不填</span></label>
    <textarea id="f-note" rows="2" maxlength="2000" .value=${record.note} aria-describedby="h-note"
      @input=${(/** @type {any} */ event) => act.touch(() => Object.assign(record, { note: event.target.value }))}></textarea>
    <p class="field-help" id="h-note">${why ?? "只有您和社区看得到。"}</p></div>`;
  return why || record.note ? field : html`<details class="round-more"><summary>加备注</summary>${field}</details>`;
}

/** Nothing on this phone says what this page is about. */
export function missing() {
  return html`<div class="empty"><p class="empty-line">这一处不在这部手机里</p><p>可能已经由别人做了,或者改派了。连上网再看;也可以直接记个问题。</p>
    <div class="actions"><a class="button main" href="/round"><span>回到今天</span></a><a class="button quiet" href="/round/new"><span>记个问题</span></a></div></div>`;
}
