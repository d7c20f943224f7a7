/** On the unit's list as the server made it: which cases have something on this phone that has not arrived yet. */
import { render } from "../lib/lit-html.js";
import { syncPill } from "./draw.js";
import { ABLE, sends, thePhone } from "./open.js";

/** @param {HTMLElement} list */
export async function start(list) {
  if (!ABLE || !(await sends())) return;
  const { dispatch } = thePhone();
  const draw = async () => {
    const unsent = await unsentByNumber();
    for (const link of list.querySelectorAll("a.row-title")) {
      const number = new URL(/** @type {HTMLAnchorElement} */ (link).href).pathname.split("/").at(-1) ?? "";
      const words = link.closest(".row-words");
      const state = unsent.get(number)?.state;
      let place = /** @type {HTMLElement | null} */ (words?.querySelector(".row-unsent") ?? null);
      if (!words || (!state && !place)) continue;
      if (!place) {
        place = document.createElement("p");
        place.className = "row-unsent";
        words.append(place);
      }
      if (state) render(syncPill(state), place);
      else place.remove();
    }
  };
  dispatch.listen(() => draw().catch(() => {}));
  await draw();
}

/** What has not arrived, by the number of its case; of several the newest. @returns {Promise<Map<string, import("../outbox.js").Item>>} */
export async function unsentByNumber() {
  const items = await thePhone().outbox.list();
  return new Map(items.filter(({ command }) => command?.data?.number).map((item) => [item.command.data.number, item]));
}
