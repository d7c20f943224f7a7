/**
 * Signing out takes the key and the working set from this phone, before and after the server's sign-out: a request that
 * was on its way could have brought the key back in between. What waits stays, unreadable, and the page says so.
 */
import { ABLE } from "../able.js";
import { counted } from "./counted.js";
import { openPhone } from "./open.js";

const UNSENT = {
  "": (/** @type {number} */ count) => `还有 ${count} 条没发出。退出后留在这部手机里,别人看不到,您再登录时接着发。`,
  closing: (/** @type {number} */ count) => `还有 ${count} 条没发出,注销后就再也发不出去了。请先发送,或者导出给社区。`,
};
const OFFLINE = "现在没有网络,服务器那边还没有退出。您存在这部手机上的资料已经收起;连上网后请再退出一次。";

/** @param {HTMLElement} form */
export async function start(form) {
  if (!ABLE || !(form instanceof HTMLFormElement)) return;
  const closing = form.dataset.signOut === "closing";
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    leave(form, closing);
  });
  const { saved, need } = await counted();
  if (saved + need) say(form, UNSENT[closing ? "closing" : ""](saved + need));
}

/** @param {HTMLFormElement} form @param {boolean} closing */
async function leave(form, closing) {
  await forget();
  // Where the server does not close the account, the next request brings back what was put away.
  if (closing) return form.submit();
  try {
    await fetch(form.action, { method: "POST", redirect: "manual" });
  } catch {
    return say(form, OFFLINE);
  }
  await forget();
  location.assign("/");
}

/** The phone's own sign-out; where storage does not work there is nothing to forget. */
async function forget() {
  const { outbox, dispatch, store } = openPhone();
  await outbox.signOut().catch(() => {});
  dispatch.stop();
  await store.close().catch(() => {});
}

/** @param {HTMLFormElement} form @param {string} words */
function say(form, words) {
  const place = form.querySelector("[data-left]");
  if (!(place instanceof HTMLElement)) return;
  place.textContent = words;
  place.hidden = false;
}
