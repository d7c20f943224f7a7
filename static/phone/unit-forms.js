/** 接单 and 办结: their forms become deeds of the outbox, on the pages that the server made and on those that the phone did. */
import { html, nothing, render } from "../lib/lit-html.js";
import { becomeDeed } from "./deed.js";
import { sign } from "./draw.js";
import { ABLE, thePhone } from "./open.js";
import { watch } from "./standing.js";

const MOST = 9;
const LONGEST = 5_000;
const TITLES = { take_on: "接单", finish: "办结" };

/**
 * The form says by its data what it is: `deed`, `number`, `next` (where to go once it is received), and what the
 * category demands. Without IndexedDB it stays an ordinary form.
 * @param {HTMLElement} form
 */
export async function start(form) {
  if (!ABLE || !(form instanceof HTMLFormElement)) return;
  const { deed: verb = "", number = "" } = form.dataset;
  const mends = new URLSearchParams(location.search).get("mend");
  const strip = (/** @type {string} */ name) =>
    /** @type {HTMLElement | null} */ (
      form.querySelector(`input[type=file][name=${name}]`)?.closest(".photo-field") ?? null
    );
  await becomeDeed(form, {
    name: `${verb}/${number}${mends ? `/${mends}` : ""}`,
    verb,
    strips: verb === "finish" ? { after: strip("after"), before: strip("before") } : {},
    most: MOST,
    mends,
    anew: location.href,
    filled: () => form.querySelector("details .upload-one")?.closest("details")?.setAttribute("open", ""),
    meaning: verb === "finish" ? (content) => finish(form, content) : (content) => takeOn(form, content),
    saved: (id) => said(form, id),
  });
}

/** @param {HTMLFormElement} form @param {import("./deed.js").Content} content @returns {import("./deed.js").Meaning} */
function takeOn(form, { fields }) {
  const of = new Map(fields);
  const promise = (of.get("promise") ?? "").trim() || (of.get("quick") ?? "");
  return { data: { number: form.dataset.number, seen: Number(of.get("seen")), promise } };
}

/** @param {HTMLFormElement} form @param {import("./deed.js").Content} content @returns {import("./deed.js").Meaning} */
function finish(form, { fields, photos }) {
  const of = new Map(fields);
  const text = (of.get("text") ?? "").trim();
  const kept = (/** @type {string} */ name) => fields.filter(([one]) => one === `${name}_id`).map(([, id]) => id);
  const after = [...kept("after"), ...(photos.after ?? [])];
  const before = [...kept("before"), ...(photos.before ?? [])];
  const category = form.dataset.category;
  /** @type {Record<string, string>} */
  const wrong = {};
  if (!text) wrong.text = "请写一两句话,说说做了什么。";
  if (text.length > LONGEST) wrong.text = `太长了(${text.length} 字),请缩短到 ${LONGEST} 字以内。`;
  if ("needsAfter" in form.dataset && !after.length) wrong.after = `“${category}”要有处理后的照片,请拍一张。`;
  if ("needsBefore" in form.dataset && !before.length) wrong.before = `“${category}”要有处理前的照片,请补一张。`;
  if (Object.keys(wrong).length) return { wrong };
  return { data: { number: form.dataset.number, seen: Number(of.get("seen")), text, before, after } };
}

/**
 * In the place of the form: how it stands; once it is received, on to the case as it is now.
 * @param {HTMLFormElement} form
 * @param {string} id
 */
function said(form, id) {
  const { deed = "", number = "", next = location.pathname } = form.dataset;
  const title = TITLES[/** @type {keyof typeof TITLES} */ (deed)] ?? "";
  const place = document.createElement("div");
  place.className = "deed-said stack near";
  place.setAttribute("role", "status");
  place.tabIndex = -1;
  form.replaceWith(place);
  place.focus({ preventScroll: true });
  watch(id, (standing) => {
    render(drawn(standing, { id, title, number, deed }), place);
    if (standing.state === "received" && !standing.photos) location.replace(next);
  });
}

/**
 * @param {import("./standing.js").Deed} standing
 * @param {{id: string, title: string, number: string, deed: string}} what
 */
function drawn({ state, words, fields, signIn, photos, answer }, { id, title, number, deed }) {
  const about = { saved: "waiting", sending: "waiting", received: "done", need: "need" }[state];
  const sentence = {
    saved: `${title}已存在本机,连上网会自动发出。可以接着办别的。`,
    sending: `${title}正在发送……`,
    received: photos ? `${title}已收到,还有 ${photos} 张照片正在发。` : `${title}已收到。`,
    need: answer ? `${title}已收到,有照片没有收下。` : `${title}没有收下。`,
  }[state];
  // Where no field is named, what was written is on the desk or comes too late: there is nothing to put right.
  const mendable = Object.keys(fields).length > 0;
  const more = Object.values(fields).filter((one) => !words.includes(one));
  return html`
    <div class="notice ${about}">${sign(about)}<div>
      <p><strong>${sentence}</strong></p>
      ${words && state !== "sending" && state !== "received" ? html`<p>${words}</p>` : nothing}
      ${state === "need" ? more.map((one) => html`<p>${one}</p>`) : nothing}
    </div></div>
    <div class="actions">
      ${signIn ? html`<a class="button main" href="/signin/staff?next=/unit"><span>去登录</span></a>` : nothing}
      ${
        state === "need" && !answer
          ? html`<a class="button ${mendable ? "main" : "quiet"}" href="/unit/cases/${number}?do=${deed}&mend=${id}">${sign("edit")}<span>改一改再发</span></a>`
          : nothing
      }
      ${
        state === "saved" && !signIn
          ? html`<button type="button" class="button quiet" @click=${() => thePhone().dispatch.send({ now: true })}>${sign("sync")}<span>现在发送</span></button>`
          : nothing
      }
      <a class="button ${state === "saved" || (state === "need" && !mendable) ? "main" : "quiet"}" href="/unit"><span>回到单子</span></a>
    </div>`;
}
