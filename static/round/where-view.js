/** Where something was found that is at no known place: in words, and by the phone's position or a community. */
import { html, nothing } from "../lib/lit-html.js";
import { sign } from "../phone/draw.js";
import { here } from "./position.js";

/** @param {import("./visit-view.js").All} all */
export function where({ record, subject, view, act }) {
  const ask = async () => {
    act.say({ where: "正在看您在哪里…" });
    const found = await here();
    if ("words" in found) return act.say({ where: `${found.words}请在下面选社区。` });
    await act.touch(() => Object.assign(record, found));
    act.say({ where: "" });
  };
  const choose = (/** @type {any} */ event) =>
    act.touch(() => Object.assign(record, { community_id: Number(event.target.value) || null }));
  const known = record.latitude !== null;
  return html`
    <section class="stack near">
      <div class="field ${view.wrong.place_words ? "wrong" : ""}">
        <label for="f-where">在哪里</label>
        <input id="f-where" maxlength="200" autocomplete="off" placeholder="比如:幸福路 3 号门口" .value=${record.place_words}
          @input=${(/** @type {any} */ event) => act.touch(() => Object.assign(record, { place_words: event.target.value }))}>
        ${view.wrong.place_words ? html`<p class="field-error">${sign("need")}${view.wrong.place_words}</p>` : nothing}
      </div>
      <button type="button" class="button quiet" @click=${ask}>${sign(known ? "done" : "pin")}<span>${known ? "已记下位置,重新取" : "用现在的位置"}</span></button>
      ${known ? html`<p class="small">${record.accuracy ? `大约准到 ${Math.round(record.accuracy)} 米。` : "用的是对方给的位置。"}只记在这一条里。</p>` : nothing}
      ${view.where ? html`<p class="small" role="status">${view.where}</p>` : nothing}
      ${
        known
          ? nothing
          : html`<div class="field"><label for="f-community">或者选社区</label><select id="f-community" @change=${choose}>
            <option value="">请选择</option>
            ${subject.streets.map((street) => html`<optgroup label=${street.name}>${street.communities.map((/** @type {any} */ one) => html`<option value=${one.id} ?selected=${one.id === record.community_id}>${one.name}</option>`)}</optgroup>`)}
          </select></div>`
      }
      ${view.wrong.where ? html`<p class="field-error">${sign("need")}${view.wrong.where}</p>` : nothing}
    </section>`;
}
