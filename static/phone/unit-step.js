/** The forms of 接单 and 办结 as web/templates/desk/doing/ has them, drawn on the phone; unit-forms.js makes them deeds. */
import { html, nothing } from "../lib/lit-html.js";
import { sign } from "./draw.js";

/** @typedef {import("../protocol.d.ts").Task} Task */

const READY = ["今天下午去看", "明天上午去看", "两天内处理好"];

/** @param {Task} task @param {"take_on" | "finish"} verb @param {import("../outbox.js").Item} [item] what waits already */
export function stepForm(task, verb, item) {
  return verb === "take_on" ? takeOn(task) : finish(task, item);
}

/** @param {Task} task */
function takeOn({ number, version }) {
  return html`
    <section class="doing" aria-labelledby="doing">
      <h2 id="doing">接单</h2>
      <form method="post" action="/unit/cases/${number}/taking" class="stack near" data-deed="take_on" data-number=${number} data-next="/unit/cases/${number}">
        <input type="hidden" name="seen" value=${version}>
        <fieldset class="promises">
          <legend>什么时候去</legend>
          <div class="promise-chips">
            ${READY.map((words) => html`<label class="promise"><input type="radio" name="quick" value=${words}><span>${words}</span></label>`)}
          </div>
        </fieldset>
        <div class="field">
          <label for="f-promise">或者自己写<span class="optional">可不填</span></label>
          <input id="f-promise" name="promise" maxlength="200" aria-describedby="h-promise">
          <p class="field-help" id="h-promise">上报人会看到。</p>
        </div>
        <div class="actions at-thumb"><button class="button main">${sign("done")}<span>接单</span></button></div>
      </form>
    </section>`;
}

/** @param {Task} task @param {import("../outbox.js").Item} [item] */
function finish(task, item) {
  const needsBefore = task.photo_before && !task.photos.length;
  const category = task.category ?? "";
  return html`
    <section class="doing" aria-labelledby="doing">
      <h2 id="doing">办结</h2>
      ${item ? html`<p class="small">接单还在本机,会先发出去。</p>` : nothing}
      <form method="post" action="/unit/cases/${task.number}/result" enctype="multipart/form-data" class="stack near" data-deed="finish"
        data-number=${task.number} data-next="/unit" data-category=${category}
        ?data-needs-after=${task.photo_after} ?data-needs-before=${needsBefore}>
        <input type="hidden" name="seen" value=${task.version}>
        <div class="field">
          <label for="f-text">做了什么</label>
          <textarea id="f-text" name="text" rows="3" data-grow required aria-describedby="h-text"></textarea>
          <p class="field-help" id="h-text">上报人会看到,写一两句就好。</p>
        </div>
        ${photos("after", "处理后的照片", task.photo_after ? `“${category}”要有:让上报人看到确实办好了。` : "有就附上,没有也行。")}
        ${
          needsBefore
            ? photos("before", "处理前的照片", `“${category}”要有:上报人没有拍,请补一张做对比。`)
            : html`<details class="plain-details"><summary>加处理前的照片</summary>${photos("before", "处理前的照片", task.photos.length ? "上报人的照片也算处理前。" : "有就附上,没有也行。")}</details>`
        }
        <div class="actions at-thumb"><button class="button main">${sign("done")}<span>办结</span></button></div>
      </form>
    </section>`;
}

/** @param {string} name @param {string} label @param {string} help */
function photos(name, label, help) {
  return html`
    <div class="field photo-field">
      <label class="photo-pick" for="f-${name}">${sign("camera")}<span>${label}</span></label>
      <input id="f-${name}" name=${name} type="file" accept="image/*" multiple aria-describedby="h-${name}">
      <p class="field-help" id="h-${name}">${help}</p>
    </div>`;
}
