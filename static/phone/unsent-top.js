/** The head of 还没发出的: how many wait, how sending goes, and the button for now. */
import { html, nothing } from "../lib/lit-html.js";
import { sign } from "./draw.js";
import { thePhone } from "./open.js";
import { near } from "./words.js";

const DRAWINGS = new URL("../icons/drawings.svg", import.meta.url).pathname;
/** From so many on the progress is drawn; fewer are gone before it is seen. */
const LONG = 3;

/**
 * @param {number} waiting
 * @param {number} need
 * @param {number} elsewhere of accounts that are not signed in here
 * @param {string | null} account
 * @param {{of: number, done: number}} progress
 */
export function top(waiting, need, elsewhere, account, progress) {
  const { status } = thePhone().dispatch;
  return html`
    ${waiting + need === 0 ? none(elsewhere) : nothing}
    ${waiting ? sending(waiting, status, progress) : nothing}
    ${!waiting && need && status.phase === "signIn" ? signIn(status.words) : nothing}
    ${
      elsewhere
        ? html`<div class="notice waiting">${sign("waiting")}<p>${
            account
              ? `另一个账号还有 ${elsewhere} 条,用那个账号登录后会发出。`
              : `还有 ${elsewhere} 条是登录后写的,用那个账号登录后会发出。`
          }</p></div>`
        : nothing
    }
    ${elsewhere && !account ? html`<div class="actions"><a class="button main" href="/signin?next=/unsent"><span>去登录</span></a></div>` : nothing}`;
}

/** @param {number} elsewhere */
function none(elsewhere) {
  return html`<div class="empty">
    <svg class="drawing" viewBox="0 0 160 120" aria-hidden="true"><use href="${DRAWINGS}#cup"></use></svg>
    <p class="empty-line">${elsewhere ? "没有您的内容等着发。" : "都发出去了,这部手机上没有等着发的。"}</p>
  </div>`;
}

/**
 * @param {number} waiting
 * @param {import("../dispatch.js").Status} status
 * @param {{of: number, done: number}} progress
 */
function sending(waiting, status, { of, done }) {
  const busy = status.phase === "sending";
  return html`<section class="card unsent-top" aria-labelledby="how-many">
    <h2 id="how-many">还有 <span class="number">${waiting}</span> 条没发出</h2>
    <p role="status">${busy ? `正在发送${of >= LONG ? `,已发 ${done} / ${of}` : "……"}` : saidOf(status)}</p>
    ${busy && of >= LONG ? html`<progress max=${of} value=${done} aria-label="已发送的"></progress>` : nothing}
    ${
      status.phase === "signIn"
        ? html`<div class="actions"><a class="button main" href="/signin?next=/unsent"><span>去登录</span></a></div>`
        : html`<div class="actions"><button type="button" class="button main" ?disabled=${busy} @click=${() => thePhone().dispatch.send({ now: true })}>
            ${sign("sync")}<span>现在发送</span></button></div>`
    }
  </section>`;
}

/** @param {string} words */
function signIn(words) {
  return html`<div class="notice need">${sign("need")}<div><p>${words}</p>
    <p><a href="/signin?next=/unsent">去登录</a></p></div></div>`;
}

/** @param {import("../dispatch.js").Status} status */
function saidOf({ phase, words, again }) {
  if (phase === "idle") return "都存在这部手机里,连上网会自动发出。";
  if (phase === "waiting" && again) return `${words}下次自动再发:${near(again)}。`;
  return words;
}
