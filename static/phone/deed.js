/**
 * A form that becomes a deed of the outbox: every touch of it is kept, photos too; sending it saves it on the phone, and
 * only then it may be shown as saved. The same online and offline.
 *
 * @typedef {{fields: import("../drafts.js").Fields, photos: Record<string, string[]>}} Content `photos`: ids by strip
 * @typedef {{data: Record<string, any>, form?: {name: string, version: number}} | {wrong: Record<string, string>}} Meaning
 * @typedef {{name: string, verb: string, strips: Record<string, HTMLElement | null>, most: number,
 *   meaning: (content: Content) => Meaning, saved: (id: string) => void | Promise<void>, mends?: string | null, filled?: () => void,
 *   draft?: import("../drafts.js").Draft, anew: string}} What `name`: of the draft; `draft`: where it is open already; `wrong`: what has to be mended, by field; `anew`: where to begin anew
 * @typedef {{state: "mended", data: Record<string, any>, photos: Record<string, string[]>}} Old
 */
import { fieldsOf, fill } from "../drafts.js";
import { makeButton, makeIcon } from "../js/dialog.js";
import { drawn, speaksForThem, thePhone } from "./open.js";
import { room, safe } from "./room.js";
import { Strip } from "./strip.js";

/** Members of a form that say nothing of what the person typed, and are as the page has them now. */
const OF_THE_PAGE = ["command", "seen"];

/**
 * @param {HTMLFormElement} form
 * @param {What} what
 * @returns {Promise<boolean>} false where it stays the ordinary form that it is
 */
export async function becomeDeed(form, what) {
  if (!(await speaksForThem())) return false;
  const { drafts, outbox } = thePhone();
  const draft = what.draft ?? (await drafts.open(what.name));
  const told = notices(form);
  const failed = (/** @type {unknown} */ error) => told.say("need", wordsOf(error), true);
  const keep = () => {
    form.dataset.draft = "";
    return draft.keep(fieldsOf(form)).catch(failed);
  };

  if (draft.restored) restore(form, draft.fields);
  /** @type {Record<string, Strip>} */
  const strips = {};
  for (const [name, field] of Object.entries(what.strips)) {
    if (!field) continue;
    strips[name] = new Strip(field, {
      form,
      name,
      most: what.most,
      failed,
      add: (photo) => draft.addPhoto(photo).finally(() => setTimeout(keep)),
      drop: async (id) => {
        await draft.dropPhoto(id);
        await keep();
      },
      picture: async (id) => (await draft.picture(id)) ?? outbox.picture(id),
    });
  }
  if (draft.restored) {
    await putBack(strips, draft);
    form.dataset.draft = "";
    told.restored(async () => {
      await draft.discard();
      delete form.dataset.draft;
      form.reset();
      location.replace(what.anew);
    });
  } else if (what.mends) {
    await takeUp(form, strips, what.mends);
    await keep();
  } else if ([...form.querySelectorAll("textarea")].some(({ value }) => value)) {
    await keep();
  }
  what.filled?.();
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  room().then(
    (words) => words && told.say("waiting", words),
    () => {},
  );

  let saving = false;
  /** @param {SubmitEvent} event */
  const submit = async (event) => {
    event.preventDefault();
    // Whoever else would send this form (htmx) does not.
    event.stopImmediatePropagation();
    if (saving) return;
    saving = true;
    form.setAttribute("aria-busy", "true");
    try {
      for (const strip of Object.values(strips)) await strip.settled();
      const photos = Object.fromEntries(Object.entries(strips).map(([name, strip]) => [name, strip.ids]));
      const meaning = what.meaning({ fields: fieldsOf(form), photos });
      mend(form, "wrong" in meaning ? meaning.wrong : {});
      if ("wrong" in meaning) return;
      const id = await draft.save(outbox, { verb: what.verb, ...meaning }, what.mends);
      delete form.dataset.draft;
      await what.saved(id);
      safe();
    } catch (error) {
      failed(error);
    } finally {
      saving = false;
      form.removeAttribute("aria-busy");
    }
  };
  form.addEventListener("submit", submit, { capture: true });
  form.noValidate = true;
  form.dataset.phone = "ready";
  drawn();
  return true;
}

/**
 * What was typed before comes back; what was typed while this module was on its way stays.
 * @param {HTMLFormElement} form
 * @param {import("../drafts.js").Fields} fields
 */
function restore(form, fields) {
  const typed = [...form.querySelectorAll("textarea")].map((area) => [area, area.value]);
  const page = OF_THE_PAGE.map((name) => [name, new FormData(form).get(name)]);
  const own = page.filter(([, value]) => typeof value === "string");
  fill(form, [...fields.filter(([name]) => !OF_THE_PAGE.includes(name)), .../** @type {[string, string][]} */ (own)]);
  for (const [area, value] of /** @type {[HTMLTextAreaElement, string][]} */ (typed)) {
    if (value && area.value !== value) area.value = [area.value, value].filter(Boolean).join("\n");
  }
}

/**
 * Photos of the draft, each where it was; one that the fields do not name yet goes where photos usually go.
 * @param {Record<string, Strip>} strips
 * @param {import("../drafts.js").Draft} draft
 */
async function putBack(strips, draft) {
  const there = new Set((await draft.photos()).map(({ id }) => id));
  for (const [name, strip] of Object.entries(strips)) {
    const ids = draft.fields.filter(([of]) => of === `kept-${name}`).map(([, id]) => id);
    for (const id of ids) there.delete(id);
    await strip.show(ids);
  }
  await Object.values(strips)[0]?.show([...there]);
}

/**
 * A refused deed is taken up again: what it said, its photos, and why it was refused.
 * @param {HTMLFormElement} form
 * @param {Record<string, Strip>} strips
 * @param {string} id
 */
async function takeUp(form, strips, id) {
  const item = (await thePhone().outbox.list()).find((one) => one.id === id);
  if (!item?.command) return;
  const { data } = item.command;
  /** @type {[string, string][]} */
  const fields = [];
  for (const [name, value] of Object.entries(data)) {
    if (OF_THE_PAGE.includes(name) || value === null || value === false || Array.isArray(value)) continue;
    fields.push([name, value === true ? "on" : String(value)]);
  }
  restore(form, fields);
  for (const [name, strip] of Object.entries(strips)) await strip.show(data[name] ?? []);
  notices(form).say("need", item.words || "上次没有收下,请改一改再发。");
  mend(form, item.fields);
}

/**
 * Says at each field what has to be mended, and goes to the first.
 * @param {HTMLFormElement} form
 * @param {Record<string, string>} wrong
 */
export function mend(form, wrong) {
  for (const said of form.querySelectorAll(".field-error")) said.remove();
  for (const field of form.querySelectorAll(".wrong")) field.classList.remove("wrong");
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  /** @type {HTMLElement | null} */
  let first = null;
  for (const [name, words] of Object.entries(wrong)) {
    const found = [...form.querySelectorAll(`[name="${name}"]`)].find(
      (one) => one instanceof HTMLElement && one.offsetParent,
    );
    const named = found ?? form.querySelector(`[name="${name}"]`) ?? form;
    const box = named.closest(".field, .agree, .upload") ?? form;
    const said = document.createElement("p");
    said.className = "field-error";
    said.id = `e-${name}`;
    said.append(makeIcon("need"), words);
    box.classList.toggle("wrong", box !== form);
    if (box.matches(".agree")) box.after(said);
    else box.append(said);
    box.closest("details")?.setAttribute("open", "");
    if (named !== form) {
      named.setAttribute("aria-invalid", "true");
      named.setAttribute("aria-describedby", said.id);
      first ??= /** @type {HTMLElement} */ (named);
    }
  }
  first?.focus();
}

/** Where a form says what is not about one field. @param {HTMLFormElement} form */
function notices(form) {
  /** @type {HTMLElement | null} */
  let place = form.querySelector(":scope > .phone-told");
  if (!place) {
    place = document.createElement("div");
    place.className = "phone-told stack near";
    place.setAttribute("role", "status");
    form.prepend(place);
  }
  const box = place;
  return {
    /** @param {"need" | "waiting"} kind @param {string} words @param {boolean} [look] */
    say(kind, words, look = false) {
      box.querySelector(`.notice.${kind}`)?.remove();
      const notice = document.createElement("div");
      notice.className = `notice ${kind}`;
      const said = document.createElement("p");
      said.textContent = words;
      notice.append(makeIcon(kind), said);
      box.prepend(notice);
      if (look) notice.scrollIntoView({ block: "center" });
    },
    /** @param {() => void} anew */
    restored(anew) {
      const line = document.createElement("p");
      line.className = "phone-restored small";
      const words = document.createElement("span");
      words.append(makeIcon("phone-saved"), "接着上次的写");
      line.append(words, makeButton("重新写", "button plain", anew));
      box.append(line);
    },
  };
}

/** @param {unknown} error */
function wordsOf(error) {
  const words = error instanceof Error ? error.message : "";
  return /[\u4e00-\u9fff]/.test(words) ? words : "没有存下。填的内容还在这一页,请再试一次。";
}
