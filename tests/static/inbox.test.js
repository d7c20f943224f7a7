// What is read on the phone: by what was opened there, until the server says the same.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { shut, tab } from "./phones.js";

const { applied, inboxOf, open, tell, unreadOf } = await import("../../static/phone/inbox-read.js");

afterEach(shut);

const id = (number) => `0190${String(number).padStart(4, "0")}-0000-7000-8000-000000000000`;
const row = (number, href, read = false) => ({ id: id(number), href, read, urgency: "soon", title: "", line: "", at: "" });
const ROWS = [row(3, "/round"), row(2, "/unit/cases/7"), row(1, "/round")];

async function phoneWith(rows) {
  const phone = tab({ fetch: () => Promise.reject(new TypeError("no network")) });
  await phone.store.welcome({ account: "a", key: { mark: "k" }, days: 30 }, Date.now());
  await hears(phone, rows);
  return phone;
}

const hears = ({ store }, rows) => store.putSections("a", { inbox: { hash: String(Math.random()), data: rows } });
const answering = (status, asked = []) => async (path, { body }) => {
  asked.push([path, JSON.parse(body)]);
  return { ok: status < 300, redirected: false };
};

test("a page that was opened reads what leads there, and nothing that came later", async () => {
  const phone = await phoneWith(ROWS);
  await open(phone, "/round");
  assert.equal(unreadOf(await inboxOf(phone)), 1);
  await hears(phone, [row(4, "/round"), ...ROWS]);
  assert.equal(unreadOf(await inboxOf(phone)), 2);
});

test("without a network it is kept, and told when there is one; then it is told no more", async () => {
  const phone = await phoneWith(ROWS);
  await open(phone, "/unit/cases/7");
  await tell(phone, () => Promise.reject(new TypeError("no network")));
  await tell(phone, answering(503));
  const asked = [];
  await tell(phone, answering(204, asked));
  await tell(phone, answering(204, asked));
  assert.deepEqual(asked, [["/inbox/opened", { opened: [{ path: "/unit/cases/7", until: id(3) }] }]]);
  assert.equal(unreadOf(await inboxOf(phone)), 2, "it counts here until the working set says the same");
});

test("once the server says the same the phone forgets it", async () => {
  const phone = await phoneWith(ROWS);
  await open(phone, "/round");
  await hears(phone, [row(3, "/round", true), row(2, "/unit/cases/7"), row(1, "/round", true)]);
  const asked = [];
  await tell(phone, answering(204, asked));
  assert.deepEqual(asked, []);
  assert.deepEqual((await inboxOf(phone)).opened, []);
});

test("all at once, by the empty path", async () => {
  const phone = await phoneWith(ROWS);
  await open(phone, "");
  assert.equal(unreadOf(await inboxOf(phone)), 0);
  assert.equal(unreadOf({ rows: applied([row(4, "/round")], (await inboxOf(phone)).opened) }), 1);
});

test("another account reads nothing of it", async () => {
  const phone = await phoneWith(ROWS);
  await open(phone, "");
  await phone.store.welcome({ account: "b", key: { mark: "k" }, days: 30 }, Date.now());
  assert.equal(await inboxOf(phone), null);
});

test("what the server itself showed is not told to it again", async () => {
  const phone = await phoneWith(ROWS);
  await open(phone, "/round", true);
  const asked = [];
  await tell(phone, answering(204, asked));
  assert.deepEqual(asked, []);
  assert.equal(unreadOf(await inboxOf(phone)), 1);
});
