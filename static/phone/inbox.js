/** 消息 without a network: what was last heard, newest first. Keep rows with web/templates/pieces/inbox.html. */
import { html, nothing } from "../lib/lit-html.js";
import { chip, paint, sign } from "./draw.js";
import { inboxOf, open, unreadOf } from "./inbox-read.js";
import { ABLE, thePhone } from "./open.js";
import { unread } from "./unread.js";
import { near } from "./words.js";

/** @typedef {import("../protocol.d.ts").InboxRow} Row */

const page = /** @type {HTMLElement} */ (document.querySelector("#page"));

if (ABLE) await begin();
else document.querySelector("#unable")?.removeAttribute("hidden");
page.removeAttribute("aria-busy");

async function begin() {
  const phone = thePhone();
  const draw = async () => paint(view(await inboxOf(phone)), page);
  const readAll = async () => {
    await open(phone, "");
    await draw();
    await unread();
  };
  /** @param {import("./inbox-read.js").Inbox | null} inbox */
  function view(inbox) {
    if (!inbox) return none("这部手机上还没有消息", "登录后打开一次,消息就存在这里,没有网也能看。");
    return html`
      <div class="inbox-head">
        <p class="small">${sign("phone-saved")} 没连上网,这是${inbox.seen ? near(inbox.seen) : ""}收到的消息。</p>
        ${unreadOf(inbox) ? html`<button class="button plain" type="button" @click=${readAll}><span>全部已读</span></button>` : nothing}
      </div>
      ${inbox.rows.length ? html`<ul class="rows" role="list" aria-label="消息">${inbox.rows.map(row)}</ul>` : none("还没有消息", "")}`;
  }
  phone.dispatch.listen(() => draw().catch(() => {}));
  await draw();
}

/** @param {Row} one */
function row({ href, title, line, at, urgency, read }) {
  return html`
    <li class="row inbox-row ${read ? "" : "unread"}">
      <div class="row-words">
        <a class="row-title" href=${href}>${read ? nothing : html`<span class="unseen">未读,</span>`}${title}</a>
        <p class="row-line"><span class="inbox-line">${line}</span><span class="row-when">${near(at)}</span></p>
        ${urgency === "now" && !read ? html`<div class="row-foot">${chip("need", "请马上看")}</div>` : nothing}
      </div>
    </li>`;
}

/** @param {string} line @param {string} more */
function none(line, more) {
  return html`<div class="empty"><p class="empty-line">${line}</p>${more ? html`<p>${more}</p>` : nothing}</div>`;
}
