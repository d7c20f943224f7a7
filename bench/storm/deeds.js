// What people do on the phones of the storm: for each role its deeds, in the order in which somebody would do them.
import { newId } from "../../static/clock.js";

const PHOTO = Buffer.from(process.env.STORM_PHOTO, "base64");

/** A photo like no other, ready for the outbox. */
function photo(words) {
  const bytes = Buffer.concat([PHOTO, Buffer.from(words)]);
  return { id: newId(), bytes: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength), type: "image/jpeg" };
}

/** @returns {{verb: string, data: any, photos: any[], drafted?: boolean}} */
function report({ community }, draw, words) {
  const data = { text: words, community_id: community };
  if (draw() < 0.1) data.private = true;
  return { verb: "report", data, photos: draw() < 0.4 ? [photo(words)] : [], drafted: true };
}

/** Each case is taken on, then finished, with photos of before and after. */
function unit({ cases }, draw, words, at) {
  const one = cases[Math.floor(at / 2) % cases.length];
  const of = { number: one.number, seen: one.seen };
  if (at % 2 === 0) return { verb: "take_on", data: { ...of, promise: draw() < 0.3 ? words : "" }, photos: [] };
  const photos = draw() < 0.6 ? [photo(`${words} before`), photo(`${words} after`)] : [];
  const [before, after] = [photos.slice(0, 1), photos.slice(1)].map((some) => some.map(({ id }) => id));
  return { verb: "finish", data: { ...of, text: words, before, after }, photos };
}

/** Records of a round with and without findings; now and then a call, or what the desk asked for. */
function worker({ places, checklist, order }, draw, words, at) {
  const place = places[at % places.length];
  const kind = draw();
  if (kind < 0.12) return { verb: "call", data: { place }, photos: [] };
  if (kind < 0.3) return { verb: "go", data: { order, does: draw() < 0.5 ? "accept" : "on_way" }, photos: [] };
  const wrong = draw() < 0.5;
  const photos = wrong && draw() < 0.6 ? [photo(words)] : [];
  const answers = Object.fromEntries(checklist.items.map((item) => [item, "yes"]));
  const findings = [];
  if (wrong) {
    answers[checklist.items[0]] = "no";
    const leads = ["note", "rectify", "case"][Math.floor(draw() * 3)];
    const of = { version: checklist.version, item: checklist.items[0], words, photos: photos.map(({ id }) => id) };
    findings.push({ id: newId(), leads_to: leads, ...of });
  }
  const data = { id: newId(), outcome: "done", place, lists: [{ version: checklist.version, answers }], findings };
  if (draw() < 0.15) data.order = order;
  return { verb: "visit", data, photos };
}

/** Contacts with the household, some of which become a case; now and then a call. */
function member({ household, person }, draw, words) {
  if (draw() < 0.2) return { verb: "ring", data: { household, person }, photos: [] };
  const needs = draw() < 0.5 ? words : "";
  const ways = ["door", "phone", "message", "passing"];
  const data = { id: newId(), household, way: ways[Math.floor(draw() * 4)], outcome: "met", said: words, needs };
  return { verb: "contact", data: { ...data, ask: needs !== "" && draw() < 0.7 }, photos: [] };
}

const DEEDS = { resident: report, stranger: report, unit, worker, member };

/** The `at`-th deed of whoever holds this phone; `words` are like no others. */
export function deed(phone, draw, words, at) {
  return DEEDS[phone.role](phone, draw, words, at);
}

/** What somebody of another account does who holds the phone for a moment. */
export { report as told };
