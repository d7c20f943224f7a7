// The round on the phone, its pure parts: what is next, what is done here, what a record says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { placeBy, plain, spaced } from "../../static/round/code.js";
import { again, blank, finding, follow, itemsOf, meaning, photosIn, positionOf } from "../../static/round/record.js";
import { frame, rings } from "../../static/round/shape.js";
import { distance, far, inOrder, long, recordsOf, today, todayOf } from "../../static/round/today.js";

const NOW = Date.parse("2026-11-25T10:00:00+08:00");
const place = (id, more = {}) => ({ id, name: id, address: "", latitude: 22.6, longitude: 114, past: [], ...more });
const task = (id, more = {}) => ({
  id,
  place: `p-${id}`,
  day: "2026-11-25",
  from_day: "2026-11-20",
  to_day: "2026-11-28",
  lists: [1],
  only: [],
  minutes: 6,
  saved: 0,
  ...more,
});
const round = (...tasks) => ({ day: "2026-11-25", tasks, places: tasks.map((one) => place(one.place)) });
const visit = (id, more = {}) => ({ id, outcome: "done", task: null, place: null, findings: [], lists: [], ...more });
const item = (data, more = {}) => ({
  id: `c-${data.id}`,
  command: { verb: "visit", at: "2026-11-25T09:00:00+08:00", data },
  state: "saved",
  words: "",
  fields: {},
  made: NOW,
  receipt: null,
  photos: [],
  ...more,
});
const received = (data, at = "2026-11-25T09:00:00+08:00") => ({
  id: `c-${data.id}`,
  at: NOW,
  command: { verb: "visit", at, data },
  receipt: { answer: { head: "ab", findings: [] } },
  photos: 0,
});
const LIST = {
  id: 7,
  name: "消防",
  items: [
    { id: "exit", kind: "check", label: "通道", required: true, photo_if_failed: true, photo_reason: "看清", outcomes: ["fixed", "rectify"], rectify_days: 3 },
    { id: "gas", kind: "yes_no", label: "有瓶装气" },
    { id: "many", kind: "number", label: "几瓶", shown_if: { question: "gas", is: true }, fails_if: { question: "many", greater: 1 }, outcomes: ["case"] },
  ],
};
let made = 0;
const newId = () => `id-${++made}`;

test("what was saved here is done here at once, and stays so when it is received", () => {
  const given = round(task("a"), task("b"), task("c", { day: "2026-11-27" }));
  const before = todayOf(given, [], NOW);
  assert.deepEqual([before.all, before.left, before.minutes, before.later.length], [2, 2, 12, 1]);
  const saved = todayOf(given, recordsOf([item(visit("v", { task: "a" }))], []), NOW);
  assert.deepEqual([saved.all, saved.left, saved.done[0].state], [2, 1, "saved"]);
  const gone = todayOf(round(task("b")), recordsOf([], [received(visit("v", { task: "a" }))]), NOW);
  assert.deepEqual([gone.all, gone.left, gone.done[0].state], [2, 1, "received"]);
});

test("what was refused is to be done still, and leads to its record", () => {
  const records = recordsOf([item(visit("v", { task: "a" }), { state: "need", words: "请改" })], []);
  const { due, left } = todayOf(round(task("a")), records, NOW);
  assert.deepEqual([left, due[0].need.words], [1, "请改"]);
});

test("nobody was there yesterday: today it is to be done again", () => {
  const records = recordsOf([], [received(visit("v", { task: "a", outcome: "nobody_there" }), "2026-11-24T09:00:00+08:00")]);
  assert.equal(todayOf(round(task("a")), records, NOW).left, 1);
});

test("a correction stands in for what it corrects", () => {
  const records = recordsOf([item(visit("w", { task: "a", corrects: "v" }))], [received(visit("v", { task: "a" }))]);
  assert.deepEqual(records.map(({ id }) => id), ["w"]);
});

test("a record of which only photos wait is received", () => {
  const rest = item(visit("v"), { receipt: { answer: { head: "ab" } }, photos: [{ id: "x" }] });
  const [told] = recordsOf([rest], []);
  assert.deepEqual([told.state, told.photos], ["received", 1]);
});

test("today goes on without a network, unless the clock is wrong", () => {
  assert.equal(today("2026-11-25", NOW), "2026-11-25");
  assert.equal(today("2026-11-25", Date.parse("2026-11-26T00:30:00+08:00")), "2026-11-26");
  assert.equal(today("2026-11-25", 0), "2026-11-25");
  assert.equal(today("2026-11-25", Date.parse("2099-01-01")), "2026-11-25");
});

test("nearest first where somebody said where they are, else what ends first and as the houses stand", () => {
  const row = (id, latitude, address, to_day = "2026-11-28") => ({ task: task(id, { to_day }), place: place(id, { latitude, address }), need: null });
  const rows = [row("far", 22.7, "老街 2 号"), row("near", 22.601, "老街 10 号"), row("none", null, "老街 1 号"), row("ends", 22.65, "河边 1 号", "2026-11-25")];
  const order = (from) => inOrder(rows, from).map(({ task: { id } }) => id);
  assert.deepEqual(order({ latitude: 22.6, longitude: 114 }), ["near", "ends", "far", "none"]);
  assert.deepEqual(order(null), ["ends", "none", "far", "near"]);
});

test("distances and times are said as people say them", () => {
  const metres = distance({ latitude: 22.6, longitude: 114 }, { latitude: 22.609, longitude: 114 });
  assert.ok(Math.abs(metres - 1000) < 5);
  assert.deepEqual([far(metres), far(344), far(3), far(null), far(1240)], ["1.0 公里", "340 米", "10 米", "", "1.2 公里"]);
  assert.deepEqual([long(8), long(60), long(100)], ["8 分钟", "1 小时", "1 小时 40 分"]);
});

test("a failed item asks what follows, for its photo with the reason, and sends both", () => {
  const record = blank("v", { task: "a", place: "p" });
  record.answers[7] = { exit: "no" };
  follow(record, [LIST], [], newId);
  const { id } = record.found["7.exit"];
  assert.deepEqual(meaning(record, [LIST], []).wrong, { "7.exit": "请拍照:看清" });
  record.found["7.exit"].photos.push("photo-1");
  assert.deepEqual(meaning(record, [LIST], []).wrong, { "7.exit": "请选一下接下来怎么办" });
  Object.assign(record.found["7.exit"], { leads_to: "fixed", after: ["photo-2"], due: "2026-12-01" });
  const { data } = meaning(record, [LIST], []);
  const [sent] = data.findings;
  assert.deepEqual([sent.id, sent.before, sent.after, sent.photos, sent.due], [id, ["photo-1"], ["photo-2"], [], null]);
  assert.deepEqual(data.lists, [{ version: 7, answers: { exit: "no" } }]);
  assert.deepEqual(photosIn(record), ["photo-1", "photo-2"]);
});

test("one way only is chosen by itself, and what is answered well again is not sent", () => {
  const record = blank("v", { task: "a", place: "p" });
  record.answers[7] = { exit: "yes", gas: true, many: 3 };
  follow(record, [LIST], [], newId);
  assert.equal(meaning(record, [LIST], []).data.findings[0].leads_to, "case");
  record.answers[7].gas = false;
  const { data } = meaning(record, [LIST], []);
  assert.deepEqual([data.findings, data.lists[0].answers], [[], { exit: "yes", gas: false }]);
});

test("a re-visit asks only what had failed, whatever hid it", () => {
  const items = itemsOf(LIST, ["many"]);
  assert.deepEqual(items.map(({ id, shown_if, required }) => [id, shown_if, required]), [["many", null, true]]);
  assert.deepEqual(meaning(blank("v", { task: "a" }), [LIST], ["many"]).wrong, { "7.many": "请填写数字" });
});

test("not done demands no answers; without a place it demands where and what", () => {
  const away = blank("v", { task: "a", outcome: "nobody_there", note: " 邻居说晚上在 " });
  assert.deepEqual([meaning(away, [LIST], []).data.lists, meaning(away, [LIST], []).data.note], [[], "邻居说晚上在"]);
  const nowhere = blank("v");
  assert.deepEqual(Object.keys(meaning(nowhere, [], []).wrong), ["place_words", "where", "more"]);
  Object.assign(nowhere, { place_words: "3 号门口", community_id: 4, more: [{ ...finding("f", "case"), words: "井盖坏了", for_phone: "13800000001" }] });
  assert.deepEqual(meaning(nowhere, [], []).wrong, { f: "替居民上报,要先得到对方同意" });
  nowhere.more[0].for_agreed = true;
  assert.equal(meaning(nowhere, [], []).data.findings[0].for_phone, "13800000001");
});

test("at a known place no position is sent", () => {
  const record = blank("v", { place: "p", latitude: 22, longitude: 114, accuracy: 5 });
  const { data } = meaning(record, [], []);
  assert.deepEqual([data.latitude, data.longitude, data.accuracy], [null, null, null]);
});

test("what is kept of a position is where, to a tenth of a metre, or why it is not known", () => {
  const found = { latitude: 22.65690049999, longitude: 114.0329, accuracy: 8.4 };
  assert.deepEqual(positionOf(found), { latitude: 22.6569, longitude: 114.0329, accuracy: 8.4 });
  assert.deepEqual(positionOf({ words: "手机没有允许", why: "refused" }), { missing: "refused" });
  const asks = { id: 8, items: [{ id: "where", kind: "position", label: "在哪里", required: true, position_reason: "找得到" }] };
  const record = blank("v", { task: "a", place: "p" });
  assert.deepEqual(meaning(record, [asks], []).wrong, { "8.where": "请取一下位置" });
  record.answers[8] = { where: { missing: "refused" } };
  const { data } = meaning(record, [asks], []);
  assert.deepEqual([data.lists[0].answers, data.latitude], [{ where: { missing: "refused" } }, null]);
});

test("what was sent is taken up again: corrected with findings of its own, mended as it was", () => {
  const record = blank("v", { task: "a", place: "p" });
  record.answers[7] = { exit: "no" };
  follow(record, [LIST], [], newId);
  Object.assign(record.found["7.exit"], { leads_to: "rectify", photos: ["x"], due: "2026-12-01" });
  const { data } = meaning(record, [LIST], []);
  const mended = meaning(again(data, "v", null, newId), [LIST], []).data;
  assert.deepEqual(mended, data);
  const corrected = meaning(again(data, "w", "v", newId), [LIST], []).data;
  assert.deepEqual([corrected.id, corrected.corrects, corrected.findings[0].due], ["w", "v", "2026-12-01"]);
  assert.notEqual(corrected.findings[0].id, data.findings[0].id);
});

test("the map has north above and everything in it", () => {
  const square = { type: "Polygon", coordinates: [[[114, 22.6], [114.01, 22.6], [114.01, 22.61], [114, 22.6]]] };
  const [ring] = rings({ type: "Feature", geometry: square });
  assert.deepEqual([rings(null), rings({ type: "MultiPolygon", coordinates: [square.coordinates] }).length], [[], 1]);
  const { width, height, at } = frame(ring);
  const [south, , north] = ring.map(at);
  assert.ok(north.y < south.y && south.x < north.x);
  for (const { x, y } of ring.map(at)) assert.ok(x >= 0 && x <= width && y >= 0 && y <= height);
  assert.ok(Number.isFinite(frame([[114, 22.6]]).at([114, 22.6]).x));
});

test("a code is found however it is typed, first where it is nearest", () => {
  const near = [{ id: "a", code: "0123ABCVX7" }];
  const all = [...near, { id: "b", code: "9999911111" }];
  assert.equal(plain(" oIz3-abcux7 "), "0123ABCVX7");
  assert.equal(plain("0123ABCVX7"), "0123ABCVX7");
  assert.equal(placeBy("0123-abcvx7", near, all), near[0]);
  assert.equal(placeBy("99999-11111", near, all)?.id, "b");
  assert.equal(placeBy("b", null, all)?.id, "b");
  assert.equal(placeBy("99999-11112", near, all), null);
  assert.equal(placeBy("", undefined, null), null);
  assert.equal(spaced("9999911111"), "99999-11111");
});
