/** What stands in the place of a report that was sent: where it is, and, when it has come, its number and by when. */
import { html, nothing, render } from "../lib/lit-html.js";
import { sign } from "./draw.js";
import { thePhone } from "./open.js";
import { watch } from "./standing.js";
import { near } from "./words.js";

/**
 * @param {HTMLFormElement} form it makes room
 * @param {string} id
 * @param {string} community where it happened, if the person chose one
 */
export function sent(form, id, community) {
  const section = document.createElement("section");
  section.className = "sent stack";
  section.setAttribute("aria-live", "polite");
  section.tabIndex = -1;
  const main = form.closest("main");
  form.replaceWith(section);
  main?.querySelector(".emergency")?.remove();
  watch(id, (deed) =>
    render(deed.state === "need" ? refused(id, deed) : deed.answer ? received(deed, community) : kept(deed), section),
  );
  scrollTo({ top: 0 });
  section.focus({ preventScroll: true });
}

/** @typedef {import("./standing.js").Deed} Deed */

/** @param {Deed} deed */
function kept({ state, words, signIn, photos }) {
  const sending = state === "sending";
  return html`
    <div class="arrived">
      <svg class="arrived-mark ${sending ? "sending" : "waiting"}" aria-hidden="true">${mark(sending ? "sync" : "phone-saved")}</svg>
      <p class="arrived-word">${sending ? "正在发送" : "已存在本机"}</p>
      <p>${signIn ? "登录已过期。登录后接着发,内容都还在。" : sending ? "发完会在这里给您编号。" : "还没有发出去。连上网会自动发出,关掉这一页也不会丢。"}</p>
    </div>
    <div class="card next-steps">
      <p>${sign("phone-saved")}<span>文字${photos ? `和 ${photos} 张照片` : ""}都在这部手机里。</span></p>
      ${words && !sending && !signIn ? html`<p>${sign("waiting")}<span>${words}</span></p>` : nothing}
    </div>
    <div class="actions">
      ${
        signIn
          ? html`<a class="button main" href="/signin?next=/unsent"><span>去登录</span></a>`
          : html`<button type="button" class="button main" ?disabled=${sending} @click=${() => thePhone().dispatch.send({ now: true })}>${sign("sync")}<span>现在发送</span></button>`
      }
      <a class="button quiet" href="/unsent"><span>看没发出的</span></a>
      <a class="button plain" href="/report"><span>再报一件</span></a>
    </div>`;
}

/** @param {Deed} deed @param {string} community */
function received({ answer, photos, words }, community) {
  return html`
    <div class="arrived">
      <svg class="arrived-mark" aria-hidden="true">${mark("done")}</svg>
      <p class="arrived-word">${community}${community ? "" : "已"}收到${community ? "了" : ""}</p>
      <p>编号 <span class="number">${answer.number}</span></p>
    </div>
    <div class="card next-steps">
      <p>${sign("waiting")}<span>接下来:社区一个工作日内受理,再派人去办。</span></p>
      ${answer.due_at ? html`<p>${sign("calendar")}<span>最晚 <strong>${near(answer.due_at)}</strong> 给您答复。</span></p>` : nothing}
      ${photos ? html`<p>${sign("sync")}<span>文字已经送到,还有 ${photos} 张照片${words ? "存在本机,会自动补上" : "正在发"}。</span></p>` : nothing}
    </div>
    ${answer.link ? keep(new URL(answer.link, location.origin).href) : nothing}
    <div class="actions">
      <a class="button main" href=${answer.link ?? `/mine/${answer.number}`}><span>看进展</span></a>
      <a class="button quiet" href="/"><span>回首页</span></a>
    </div>`;
}

/** @param {string} link */
function keep(link) {
  return html`
    <div class="card keep">
      <h2>请收好这个链接</h2>
      <p class="small">没有登录,凭它看进展、回复和评价。不要发给不相关的人。</p>
      <p class="keep-link">${link}</p>
      <button type="button" class="button quiet" data-copy=${link} hidden>${sign("copy")}<span>复制链接</span></button>
      <p class="small">或者<a href="/signin?next=/mine">用手机号登录</a>,这件事就放进您的账号。</p>
    </div>`;
}

/** @param {string} id @param {Deed} deed */
function refused(id, { words, fields, answer }) {
  const more = Object.values(fields).filter((one) => !words.includes(one));
  return html`
    <div class="arrived">
      <svg class="arrived-mark need" aria-hidden="true">${mark("need")}</svg>
      <p class="arrived-word">${answer ? "有照片没有收下" : "没有收下"}</p>
      <p>${words}</p>
    </div>
    <div class="card next-steps">
      ${more.map((one) => html`<p>${sign("need")}<span>${one}</span></p>`)}
      <p>${sign("phone-saved")}<span>${answer ? `文字已经送到,编号 ${answer.number}。` : "写的内容和照片都还在这部手机里。"}</span></p>
    </div>
    <div class="actions">
      ${
        answer
          ? html`<a class="button main" href=${answer.link ?? `/mine/${answer.number}`}><span>看进展</span></a>`
          : html`<a class="button main" href="/report?mend=${id}">${sign("edit")}<span>改一改再发</span></a>`
      }
      <a class="button quiet" href="/unsent"><span>看没发出的</span></a>
    </div>`;
}

/** @param {string} name */
function mark(name) {
  return sign(name, true);
}
