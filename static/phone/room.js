/** How much room there is on the phone, said before it hurts; and the browser asked once to keep what is here. */
import { keepSafe, standing } from "../js/persist.js";

/** Room for some photos, in bytes; and the share from which on it is said. */
const SOME_PHOTOS = 12_000_000;
const TIGHT = 0.9;

/** What to say before something more is written; empty where there is room. @returns {Promise<string>} */
export async function room() {
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  const { share } = await standing();
  if (!quota || (quota - usage > SOME_PHOTOS && share < TIGHT)) return "";
  return "手机给呼应的空间快满了,照片可能存不下。先连上网把没发出的发出去,或者清理一下手机。文字照样能存。";
}

let asked = false;

/** After the first thing was saved: the moment when the browser's promise is worth something. Its answer stands on /me. */
export function safe() {
  if (asked) return;
  asked = true;
  keepSafe().catch(() => {});
}
