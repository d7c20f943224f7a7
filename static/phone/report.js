/** 找书记 on the phone: kept at every touch, sent when there is a network, the receipt shown when it comes. */
import { idle } from "../able.js";
import { becomeDeed } from "./deed.js";
import { thePhone } from "./open.js";

/** Among so many receipts the community is looked for that was reported from last. */
const LAST = 10;
/** Milliseconds after which what is shown in the end is fetched, though there be better to do. */
const SOON = 2000;

/** What is shown when it is sent: not needed for the form to be there. */
const receipt = () => import("./sent.js");

const found = document.querySelector("form.report");
if (found instanceof HTMLFormElement) await begin(found);

/** @param {HTMLFormElement} form */
async function begin(form) {
  const { outbox, drafts } = thePhone();
  const asked = new URLSearchParams(location.search);
  const mends = asked.get("mend");
  const name = mends ? `report/${mends}` : "report";
  const shell = document.querySelector("[data-kept]") !== null;
  // All at once where nothing has to be asked of the server first: a cold start waits for every trip.
  const [[places, me], receipts, draft] = await Promise.all([
    outbox.sections("places", "me"),
    shell ? outbox.receipts(LAST) : [],
    shell ? drafts.open(name) : undefined,
  ]);
  fillPlaces(form, places);
  if (shell) fillMine(form, asked, { places, me, receipts });
  const kept = await becomeDeed(form, {
    name,
    draft,
    verb: "report",
    strips: { photos: form.querySelector("[data-upload]") },
    most: places?.report.photos ?? 9,
    mends,
    anew: mends ? location.href : "/report",
    filled: () => openFilled(form),
    meaning: ({ fields, photos }) => {
      const data = dataOf(fields, photos.photos);
      const wrong = wrongOf(data, places?.report.longest ?? 20_000);
      return Object.keys(wrong).length
        ? { wrong }
        : { data, form: { name: "report", version: places?.report.version ?? 1 } };
    },
    // It is on the phone already: what cannot be shown here stands among what waits.
    saved: (id) =>
      receipt().then(
        ({ sent }) => sent(form, id, communityOf(form)),
        () => location.assign("/unsent"),
      ),
  });
  if (!kept) await import("../resident/photos.js");
  else idle(() => receipt().catch(() => {}), SOON);
}

/**
 * @param {import("../drafts.js").Fields} fields
 * @param {string[]} photos
 */
function dataOf(fields, photos) {
  const of = new Map(fields);
  const text = (/** @type {string} */ name) => (of.get(name) ?? "").trim();
  const number = (/** @type {string} */ name) => (text(name) === "" ? null : Number(text(name)));
  const placed = number("latitude") !== null && number("longitude") !== null;
  return {
    text: text("text"),
    community_id: number("community_id"),
    place: text("place"),
    latitude: placed ? number("latitude") : null,
    longitude: placed ? number("longitude") : null,
    accuracy: placed ? number("accuracy") : null,
    position_source: (placed && text("position_source")) || null,
    private: of.has("private"),
    name: text("name"),
    phone: text("phone"),
    for_name: text("for_name"),
    for_phone: text("for_phone"),
    for_agreed: of.has("for_agreed"),
    photos,
  };
}

/**
 * What can be seen to be missing without asking anybody; the rest the server says (server/cases/reporting.py).
 * @param {ReturnType<typeof dataOf>} data
 * @param {number} longest
 */
function wrongOf(data, longest) {
  /** @type {Record<string, string>} */
  const wrong = {};
  if (!data.text) wrong.text = "请写一两句话,说说是什么事。";
  if (data.text.length > longest) wrong.text = `太长了(${data.text.length} 字),请缩短到 ${longest} 字以内。`;
  if (data.community_id === null && data.latitude === null)
    wrong.community_id = "请选择在哪个社区,或者在地图上点一下。";
  if (data.phone && !phoneLike(data.phone)) wrong.phone = "请填写 11 位手机号码,或者留空。";
  if (data.for_phone && !phoneLike(data.for_phone)) wrong.for_phone = "请填写对方的 11 位手机号码。";
  if (data.for_phone && !data.for_agreed) wrong.for_agreed = "替别人上报,要先得到对方同意。";
  return wrong;
}

/** Roughly: only what can never be one is told here. @param {string} text */
function phoneLike(text) {
  return (text.normalize("NFKC").match(/\d/g) ?? []).length >= 11;
}

/** The list of communities, where the page came from the phone and has none. @param {HTMLFormElement} form @param {any} places */
function fillPlaces(form, places) {
  const select = form.elements.namedItem("community_id");
  if (!(select instanceof HTMLSelectElement) || select.options.length > 1) return;
  for (const street of places?.streets ?? []) {
    const group = document.createElement("optgroup");
    group.label = street.name;
    group.append(...street.communities.map((/** @type {any} */ one) => new Option(one.name, String(one.id))));
    select.append(group);
  }
  if (select.options.length > 1) return;
  const said = form.querySelector("[data-place-said]");
  if (said) said.textContent = "这部手机上还没有社区名单。请用“现在的位置”,或者连上网再发;写的内容会留着。";
}

/**
 * What a server-rendered page knows and a kept one does not: who is signed in, where they last reported, what the poster says.
 * @param {HTMLFormElement} form
 * @param {URLSearchParams} asked
 * @param {{places: any, me: any, receipts: import("../outbox.js").Received[]}} held newest receipts first
 */
function fillMine(form, asked, { places, me, receipts }) {
  if (me?.account) form.querySelector("[data-signed-out]")?.remove();
  const place = form.elements.namedItem("place");
  if (place instanceof HTMLInputElement) place.value = (asked.get("p") ?? "").replace(/\s+/g, " ").trim().slice(0, 200);
  const last = receipts.find(({ command }) => command?.data?.community_id);
  const select = form.elements.namedItem("community_id");
  const community = ofCode(asked.get("c") ?? "", places) ?? last?.command.data.community_id;
  if (select instanceof HTMLSelectElement && community) select.value = String(community);
}

/** The community that a poster's code names: its own, or one of its grids', which begins with it. @param {string} code @param {any} places */
function ofCode(code, places) {
  const all = (places?.streets ?? []).flatMap((/** @type {any} */ street) => street.communities);
  const fits = all.filter((/** @type {any} */ one) => one.code && code.startsWith(one.code));
  return fits.sort((/** @type {any} */ one, /** @type {any} */ other) => other.code.length - one.code.length)[0]?.id;
}

/** What is filled in is seen. @param {HTMLFormElement} form */
function openFilled(form) {
  for (const details of form.querySelectorAll("details.more")) {
    const inputs = [...details.querySelectorAll("input")];
    if (inputs.some((input) => (input.type === "checkbox" ? input.checked : input.value)))
      details.setAttribute("open", "");
  }
  for (const area of form.querySelectorAll("textarea")) area.dispatchEvent(new Event("input"));
}

/** @param {HTMLFormElement} form */
function communityOf(form) {
  const select = form.elements.namedItem("community_id");
  if (!(select instanceof HTMLSelectElement) || !select.value) return "";
  return select.selectedOptions[0]?.textContent ?? "";
}
