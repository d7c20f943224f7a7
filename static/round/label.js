/** A label that was scanned where no network answers: its place, where this phone has it; else how to tell all the same. */
import { html, nothing } from "../lib/lit-html.js";
import { paint, sign } from "../phone/draw.js";
import { ABLE, thePhone } from "../phone/open.js";
import { placeBy, plain, spaced } from "./code.js";

const page = /** @type {HTMLElement} */ (document.querySelector("#page"));
const code = plain(location.pathname.split("/")[2] ?? "");

if (ABLE) await begin();
else document.querySelector("#unable")?.removeAttribute("hidden");
page.removeAttribute("aria-busy");

async function begin() {
  const { outbox } = thePhone();
  const [round, all] = await outbox.sections("round", "grid_places");
  const place = placeBy(code, round?.places, all);
  // Never a step in the way back: who comes back from the place has left the label.
  if (place) location.replace(`/round/place/${place.id}`);
  else paint(nobodyKnows(all !== null), page);
}

/** @param {boolean} walks whether this phone carries places at all */
function nobodyKnows(walks) {
  const words = spaced(code);
  return html`<div class="empty"><p class="empty-line">现在没有连上网</p>
    <p>标签 <span class="number">${words}</span> ${walks ? "不在这部手机带着的对象里。连上网再打开,就知道是哪一处。" : "是哪一处,连上网才知道。"}</p>
    <div class="actions">
      <button type="button" class="button main" @click=${() => location.reload()}>${sign("sync")}<span>再试一次</span></button>
      ${
        walks
          ? html`<a class="button quiet" href="/round/new"><span>先记个问题</span></a>`
          : html`<a class="button quiet" href="/report?p=${encodeURIComponent(`标签 ${words}`)}"><span>找书记,先存在手机上</span></a>`
      }
    </div>${walks ? nothing : html`<p class="small">写的内容先存在手机上,连上网自动发出。</p>`}</div>`;
}
