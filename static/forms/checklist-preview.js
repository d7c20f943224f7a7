/** The preview in the editor: the renderer of the phone, with answers that go nowhere. */
import { render } from "../lib/lit-html.js";
import { here } from "../round/position.js";
import { positionOf } from "../round/record.js";
import { problems } from "./checklist.js";
import { checklist } from "./checklist-view.js";

/** Kept while the editor brings new versions of the preview. @type {Record<string, unknown>} */
const answers = {};
/** @type {Record<string, { id: string, url: string }[]>} */
const photos = {};
let locating = "";

/** @param {HTMLElement} box */
export function start(box) {
  /** @type {import("./checklist.js").Item[]} */
  const items = JSON.parse(box.dataset.checklistPreview ?? "[]");
  if (!items.length) return;
  box.replaceChildren();
  const draw = () =>
    render(
      checklist(items, answers, {
        prefix: "preview",
        photos,
        locating,
        wrong: mends(items),
        onAnswer: (item, answer) => {
          answers[item.id] = answer;
          draw();
        },
        onPosition: async (item) => {
          locating = item.id;
          draw();
          const found = await here(0);
          locating = "";
          answers[item.id] = positionOf(found);
          draw();
        },
        onPhoto: (item, files) => {
          const more = files.map((file) => ({ id: crypto.randomUUID(), url: URL.createObjectURL(file) }));
          put(item, [...(photos[item.id] ?? []), ...more]);
          draw();
        },
        onRemovePhoto: (item, photo) => {
          URL.revokeObjectURL(photo.url);
          put(
            item,
            (photos[item.id] ?? []).filter((each) => each !== photo),
          );
          draw();
        },
      }),
      box,
    );
  draw();
}

/**
 * Only what was answered can be answered wrongly here.
 * @param {import("./checklist.js").Item[]} items
 */
function mends(items) {
  return Object.fromEntries(Object.entries(problems(items, answers, photos)).filter(([id]) => answers[id] != null));
}

/**
 * @param {import("./checklist.js").Item} item
 * @param {{ id: string, url: string }[]} taken
 */
function put(item, taken) {
  photos[item.id] = taken;
  if (item.kind === "photo") answers[item.id] = taken.map((photo) => photo.id);
}
