/** One visit: a task, a place, or something on the way. Kept at every touch, then put into the outbox. */

import { painted } from "../able.js";
import { newId } from "../clock.js";
import { paint, topbar } from "../phone/draw.js";
import { thePhone } from "../phone/open.js";
import { room, safe } from "../phone/room.js";
import { keepFor, load, watch } from "./data.js";
import { Photos } from "./photos.js";
import { follow, meaning, photosIn } from "./record.js";
import { subjectOf } from "./subject.js";
import { missing, whole } from "./visit-view.js";

/** @typedef {import("./record.js").Record} Record */

/** @param {HTMLElement} page @param {{kind: string, id: string}} what */
export async function start(page, what) {
  const { outbox, drafts } = thePhone();
  const data = await load();
  const subject = await subjectOf(what, data, new URLSearchParams(location.search));
  topbar(subject?.title ?? "巡查", "/round");
  if (!subject) {
    paint(missing(), page);
    // Opened before the phone ever heard what there is to do.
    if (!data.round) await watch(({ round }) => round && location.reload());
    return;
  }
  if ("elsewhere" in subject) return location.replace(subject.elsewhere);
  const draft = await drafts.open(subject.draft);
  /** @type {Record} */
  const record = draft.restored ? { ...subject.record, ...read(draft.fields) } : subject.record;
  const view = {
    wrong: subject.wrong,
    said: subject.words,
    saving: false,
    restored: draft.restored,
    where: "",
    locating: "",
  };
  const photos = new Photos(draft, outbox, () => draw());

  const draw = () => paint(whole({ record, subject, view, photos, act }), page);
  let waits = false;
  /** Draws with the browser's next stroke: what was touched is on its way into the phone before. */
  const drawSoon = () => {
    if (waits) return;
    waits = true;
    painted().then(() => {
      waits = false;
      draw();
    });
  };
  const failed = (/** @type {unknown} */ error) => {
    view.said = wordsOf(error);
    draw();
    page.querySelector(".visit-said")?.scrollIntoView({ block: "center" });
  };
  const keep = () => {
    page.dataset.draft = "";
    return draft.keep([["visit", JSON.stringify(record)]]).catch(failed);
  };
  const act = {
    /** Something was touched. @param {() => void} change */
    touch(change) {
      change();
      follow(record, listsOf(subject, record), subject.only, newId);
      if (Object.keys(view.wrong).length) view.wrong = wrongNow();
      const kept = keep();
      drawSoon();
      return kept;
    },
    /** @param {string[]} ids @param {File[]} files */
    add: (ids, files) => photos.add(files, (id) => act.touch(() => ids.push(id))).catch(failed),
    /** @param {string[]} ids @param {string} id */
    async drop(ids, id) {
      await act.touch(() => ids.splice(ids.indexOf(id), 1));
      await photos.drop(id).catch(failed);
    },
    /** @param {Partial<typeof view>} change */
    say(change) {
      Object.assign(view, change);
      draw();
    },
    async again() {
      await draft.discard();
      location.reload();
    },
    async complete() {
      if (view.saving) return;
      view.saving = true;
      draw();
      try {
        await photos.settled();
        const lists = listsOf(subject, record);
        const meant = meaning(record, lists, subject.only);
        view.wrong = "wrong" in meant ? meant.wrong : {};
        if ("wrong" in meant) return;
        await keepFor(data, lists, subject.place);
        await draft.save(outbox, { verb: "visit", data: meant.data }, subject.mends);
        delete page.dataset.draft;
        safe();
        location.replace("/round");
      } catch (error) {
        failed(error);
      } finally {
        view.saving = false;
        draw();
        const first = page.querySelector(".field-error");
        first?.closest("[data-item], .field, .card")?.scrollIntoView({ block: "center" });
        if (first)
          /** @type {HTMLElement | null} */ (first.parentElement?.querySelector("input, textarea, button"))?.focus({
            preventScroll: true,
          });
      }
    },
  };
  const wrongNow = () => {
    const meant = meaning(record, listsOf(subject, record), subject.only);
    const still = "wrong" in meant ? meant.wrong : {};
    return Object.fromEntries(Object.keys(view.wrong).flatMap((key) => (still[key] ? [[key, still[key]]] : [])));
  };
  if (draft.restored) page.dataset.draft = "";
  draw();
  await photos.show(photosIn(record));
  room()
    .then((words) => words && act.say({ said: words }))
    .catch(() => {});
}

/** The checklists that are answered: of a task its own, else those that were chosen. @param {import("./subject.js").Subject} subject @param {Record} record */
export function listsOf(subject, record) {
  return subject.offered ? subject.lists.filter(({ id }) => record.answers[id]) : subject.lists;
}

/** @param {import("../drafts.js").Fields} fields @returns {Partial<Record>} */
function read(fields) {
  const [, kept] = fields.find(([name]) => name === "visit") ?? ["", "{}"];
  return JSON.parse(kept);
}

/** @param {unknown} error */
function wordsOf(error) {
  const words = error instanceof Error ? error.message : "";
  return /[\u4e00-\u9fff]/.test(words) ? words : "没有存下。填的内容还在这一页,请再试一次。";
}
