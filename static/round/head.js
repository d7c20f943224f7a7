/** Above the list of the round: how much there is, how to look at it; and what is said where there is nothing. */
import { html, nothing } from "../lib/lit-html.js";
import { sign } from "../phone/draw.js";
import { near } from "../phone/words.js";
import { placeOf } from "./rows.js";
import { long } from "./today.js";

/** @typedef {import("./today.js").Position} Position */

const NEAR = "huying-near";

/** @param {import("./today.js").Today} today @param {import("./data.js").Data} data */
export function progress({ all, left, minutes, saved, day, due }, { seen, round }) {
  const old = round && day > round.day;
  const late = due.filter(({ task }) => task.to_day < day).length;
  const facts = [
    left && `约 ${long(minutes)}`,
    late && `${late} 处过了日子`,
    saved && `合并检查,少跑 ${saved} 趟`,
  ].filter(Boolean);
  return html`
    <header class="round-head">
      <p class="round-figure">${
        all === 0
          ? "今天没有要去的地方"
          : left === 0
            ? html`今天 <span class="number">${all}</span> 处,都做完了`
            : html`今天 <span class="number">${all}</span> 处,还有 <strong class="number">${left}</strong> 处`
      }</p>
      ${all ? nothing : html`<p class="round-facts">看到什么不对,随时可以记下来。</p>`}
      ${all ? html`<progress class="round-bar" max=${all} value=${all - left} aria-label="今天做完的"></progress>` : nothing}
      ${facts.length ? html`<p class="round-facts">${facts.join(" · ")}</p>` : nothing}
      ${old ? html`<p class="small">${sign("phone-saved")} 今天还没连上网,这是${near(seen)}存在手机里的安排,照常能查。</p>` : nothing}
    </header>`;
}

/**
 * @param {{map: boolean, said: string, from: Position | null}} view
 * @param {(change: any) => void} act
 * @param {Position | null} from
 */
export function ways(view, act, from) {
  const ask = async () => {
    act({ said: "正在看您在哪里…" });
    const { here } = await import("./position.js");
    const found = await here();
    if ("words" in found) return act({ said: found.words });
    remember();
    act({ from: found, said: "" });
  };
  return html`
    <div class="round-view">
      <div class="round-segments" role="group" aria-label="怎么看">
        ${[false, true].map(
          (
            map,
          ) => html`<button type="button" class="round-segment" aria-pressed=${view.map === map} @click=${() => act({ map })}>
            ${map ? "地图" : "列表"}</button>`,
        )}
      </div>
      <button type="button" class="button quiet" @click=${ask}>${sign("pin")}<span>${from ? "重新按远近" : "由近到远"}</span></button>
    </div>
    ${view.said ? html`<p class="small" role="status">${view.said}</p>` : nothing}`;
}

/** Nearest goes on from the place that was done last, so that nobody is asked again where they are. @param {import("./data.js").Data} data @param {import("./today.js").Today} today @returns {Position | null} */
export function lastPlace(data, today) {
  if (!remembered()) return null;
  const place = placeOf(today.done[0]?.visit.place, data);
  if (place?.latitude == null || place.longitude === null) return null;
  return { latitude: place.latitude, longitude: place.longitude };
}

function remember() {
  try {
    sessionStorage.setItem(NEAR, "on");
  } catch {
    // Asked again then.
  }
}

function remembered() {
  try {
    return sessionStorage.getItem(NEAR) === "on";
  } catch {
    return false;
  }
}

/** @param {import("./data.js").Data} data @param {boolean} waiting */
export function nothingHere({ account }, waiting) {
  if (waiting) {
    return html`<div class="skeleton" role="status" aria-label="正在取">
      ${[1, 2, 3].map(() => html`<div class="skeleton-row"><span class="skeleton-words"><i></i><i></i></span></div>`)}
    </div>`;
  }
  const [line, more, href, word] = account
    ? ["这部手机上还没有您的巡查", "您现在不负责网格,或者还没有连上网取过。连上网再打开一次。", "/", "回首页"]
    : ["登录以后,今天要去的地方就在这里", "登录一次,没有网也能查、能记。", "/signin?next=/round", "去登录"];
  return html`<div class="empty"><p class="empty-line">${line}</p><p>${more}</p>
    <div class="actions"><a class="button main" href=${href}><span>${word}</span></a></div></div>`;
}
