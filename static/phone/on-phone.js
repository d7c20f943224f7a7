/** On the page of oneself: how much waits on this phone, and how much room it takes. */
import { ABLE } from "../able.js";
import { counted } from "./counted.js";

/** @param {HTMLElement} place */
export async function start(place) {
  if (!ABLE) return;
  const { saved, need, photos, elsewhere } = await counted();
  const waiting = saved + need;
  const words = waiting ? `${waiting} 条` : photos && !elsewhere ? `${photos} 张照片` : "没有";
  place.textContent = `${words}${need ? `,${need} 条需要您处理` : ""}${elsewhere ? `,另一个账号 ${elsewhere} 条` : ""}`;
  const used = place.closest("section")?.querySelector("[data-used]");
  const { usage } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
  if (!(used instanceof HTMLElement) || !usage) return;
  used.textContent = `呼应在这部手机上共存了${usage < 1_000_000 ? "不到 1" : ` ${Math.round(usage / 1_000_000)}`} MB。`;
  used.hidden = false;
}
