import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { newId } from "../../static/clock.js";
import { drain, Full, Gone, LONGEST, picture, quietly, report, STATES, shut, Store, tab } from "./phones.js";
import { A, B, NOBODY, Server } from "./server.js";

afterEach(shut);

/** A phone with `count` reports that wait. */
async function waiting(server, count, options) {
  const phone = tab(server, options);
  const ids = [];
  await quietly(phone, async () => {
    for (let at = 0; at < count; at++) ids.push(await phone.outbox.add(report(`第 ${at} 条`)));
  });
  return { ...phone, ids };
}

test("what is saved is there after a restart, without any network", async () => {
  const server = new Server();
  server.fault = () => "unsent";
  const phone = await waiting(server, 3);
  await phone.dispatch.send();
  const again = tab(server, { name: phone.name });
  const list = await again.outbox.list();
  assert.deepEqual(
    list.map(({ id, state, command }) => [id, state, command.data.text]),
    phone.ids.map((id, at) => [id, "saved", `第 ${at} 条`]),
  );
  assert.equal(server.rows.size, 0);
});

test("without a network nothing is asked, unless a person wants it tried", async () => {
  const server = new Server();
  const phone = await waiting(server, 2);
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { value: { onLine: false }, configurable: true });
  try {
    await phone.dispatch.send();
    assert.equal(server.requests.length, 0);
    assert.deepEqual([phone.dispatch.status.phase, phone.dispatch.status.words], ["waiting", "网络不通,通了会自动发出。"]);
    await phone.dispatch.send({ now: true });
    assert.equal(server.rows.size, 2);
  } finally {
    if (before) Object.defineProperty(globalThis, "navigator", before);
    else Reflect.deleteProperty(globalThis, "navigator");
  }
});

test("everything is sent in the order it was saved, twenty a request, and its receipt is kept", async () => {
  const server = new Server();
  const phone = await waiting(server, 45);
  await phone.dispatch.send();
  assert.deepEqual(server.commandIds(), phone.ids);
  const sizes = server.requests.map(({ body }) => JSON.parse(body).commands.length);
  // The first asks only by what this phone is known.
  assert.deepEqual(sizes, [0, 20, 20, 5]);
  const names = server.requests.map(({ headers }) => headers["Huying-Phone"]);
  assert.deepEqual(names, [undefined, ...Array(3).fill("the phone's token")]);
  assert.deepEqual(await phone.outbox.list(), []);
  const receipts = await phone.outbox.receipts();
  assert.equal(receipts.length, 45);
  assert.equal(receipts[0].id, phone.ids.at(-1));
  assert.equal(receipts[0].receipt.answer.number, "45");
  assert.equal(phone.dispatch.status.phase, "idle");
});

test("the order is that of saving even where the clock jumps to 1970 and 2099", async () => {
  const server = new Server();
  let now = Date.UTC(2026, 10, 21);
  const phone = tab(server, { now: () => now });
  const ids = [];
  await quietly(phone, async () => {
    for (const clock of [Date.UTC(2099, 0, 1), 0, Date.UTC(2026, 10, 21), -5]) {
      now = clock;
      ids.push(await phone.outbox.add(report(String(clock))));
    }
  });
  await drain(phone);
  assert.deepEqual(server.commandIds(), ids);
});

for (const fault of ["lost", "half", "cut", "portal", "unsent", 502, 503, 429, 404]) {
  test(`an answer that is "${fault}" loses nothing and doubles nothing`, async () => {
    const server = new Server();
    server.fault = (_, at) => (at < 2 ? fault : null);
    const phone = await waiting(server, 25);
    await phone.dispatch.send();
    assert.equal(phone.dispatch.status.phase, "waiting");
    assert.equal((await phone.outbox.list()).length, 25);
    assert.equal(await drain(phone), 2);
    assert.deepEqual(server.commandIds(), phone.ids);
    assert.equal((await phone.outbox.receipts()).length, 25);
  });
}

test("receipts out of order, of somebody else's commands, twice or of unknown kinds are read by their id", async () => {
  const server = new Server();
  const phone = await waiting(server, 4);
  const fetch = server.fetch;
  phone.dispatch.line.sync = async (commands, have) => {
    const answer = await (await fetch("/sync", { body: JSON.stringify({ protocol: 1, commands, have }) })).json();
    const [first, second, third] = answer.receipts;
    const odd = [{ id: "x", outcome: "done" }, null, { ...third, outcome: "perhaps" }];
    return { kind: "answered", body: { ...answer, receipts: [second, ...odd, first, first] } };
  };
  await phone.dispatch.send();
  const left = (await phone.outbox.list()).map(({ id }) => id);
  assert.deepEqual(left, phone.ids.slice(2));
  assert.equal((await phone.outbox.receipts()).length, 2);
});

test("401 in the middle of the queue keeps the rest and asks to sign in", async () => {
  const server = new Server();
  server.me = A;
  const phone = tab(server);
  await phone.dispatch.send();
  await quietly(phone, async () => {
    for (let at = 0; at < 30; at++) await phone.outbox.add(report(String(at)));
  });
  const before = server.requests.length;
  server.fault = (_, at) => (at === before + 1 ? 401 : null);
  await phone.dispatch.send();
  assert.equal(phone.dispatch.status.phase, "signIn");
  assert.equal((await phone.outbox.list()).length, 10);
  assert.equal(await drain(phone), 1);
  assert.equal(server.rows.size, 30);
});

test("a session that ended without a sign-out keeps the working set and asks to sign in", async () => {
  const server = new Server();
  server.me = A;
  server.sections = { mine: [{ number: "7" }] };
  const phone = tab(server);
  await phone.dispatch.send();
  server.me = NOBODY;
  await phone.dispatch.send({ now: true });
  assert.equal(phone.dispatch.status.phase, "signIn");
  assert.deepEqual(await phone.outbox.section("mine"), [{ number: "7" }]);
  assert.equal((await phone.store.account(Date.now())).account, "a");
});

test("what nobody signed in wrote is sent although an account's is held back", async () => {
  const server = new Server();
  const phone = await waiting(server, 1);
  server.me = A;
  await phone.dispatch.send();
  await quietly(phone, () => phone.outbox.add(report("甲的")));
  server.me = NOBODY;
  await quietly(phone, () => phone.store.signOut());
  await quietly(phone, () => phone.outbox.add(report("没登录的")));
  await phone.dispatch.send({ now: true });
  assert.equal(server.rows.size, 2);
  assert.deepEqual(await phone.outbox.counts().then(({ elsewhere, saved }) => ({ elsewhere, saved })), {
    elsewhere: 1,
    saved: 0,
  });
});

test("a refused one says why, never blocks, and is mended by a new one that names it", async () => {
  const server = new Server();
  server.judge = ({ data }) => (data?.text === "第 1 条" ? "refused" : null);
  const phone = await waiting(server, 3);
  await phone.dispatch.send();
  assert.equal(server.rows.size, 2);
  const [item] = await phone.outbox.list();
  assert.deepEqual([item.id, item.state, item.words], [phone.ids[1], "need", "原因"]);
  const mended = await phone.outbox.mend(item.id, { data: { ...item.command.data, text: "改好了" } });
  await drain(phone);
  assert.notEqual(mended, item.id);
  assert.equal(JSON.parse(server.rows.get(mended)).mends, item.id);
  assert.deepEqual(await phone.outbox.list(), []);
  await assert.rejects(phone.outbox.mend(item.id, {}), Gone);
});

test("photos of a mended one go with it, those it leaves out go", async () => {
  const server = new Server();
  server.judge = ({ data }) => (data?.text === "错" ? "refused" : null);
  const phone = tab(server);
  const photos = [1, 2].map((number) => ({ id: newId(), bytes: picture(number), type: "image/jpeg" }));
  const ids = photos.map(({ id }) => id);
  const id = await quietly(phone, () => phone.outbox.add({ ...report("错", { photos: ids }), photos }));
  await phone.dispatch.send();
  assert.equal(server.photos.size, 0);
  await phone.outbox.mend(id, { data: { text: "对", photos: [ids[1]] } });
  await drain(phone);
  assert.deepEqual([...server.photos.keys()], [ids[1]]);
  assert.deepEqual(await phone.store.photos(), []);
});

test("commands that break the server off, or that it cannot read, do not hold back the others", async () => {
  const server = new Server();
  const phone = tab(server);
  const bad = [];
  await quietly(phone, async () => {
    for (let at = 0; at < 30; at++) {
      const more = at % 7 === 0 ? { poison: true } : at === 5 ? { unreadable: true } : {};
      const id = await phone.outbox.add(report(String(at), more));
      if (at % 7 === 0 || at === 5) bad.push(id);
    }
  });
  await drain(phone, 6);
  assert.equal(server.rows.size, 30 - bad.length);
  const left = await phone.outbox.list();
  assert.deepEqual(left.map(({ id }) => id).sort(), bad.sort());
  assert.equal(left.filter(({ state }) => state === "need").length, 1);
});

test("one that is larger than the server takes needs the person, the others go", async () => {
  const server = new Server();
  const phone = await waiting(server, 2);
  const large = await quietly(phone, () => phone.outbox.add(report("长".repeat(600_000))));
  await drain(phone);
  assert.equal(server.rows.size, 2);
  const [item] = await phone.outbox.list();
  assert.deepEqual([item.id, item.state], [large, "need"]);
});

test("a server that reads no request at all makes nobody's work its fault", async () => {
  const server = new Server();
  server.fault = () => 400;
  const phone = await waiting(server, 5);
  await phone.dispatch.send();
  assert.deepEqual(new Set((await phone.outbox.list()).map(({ state }) => state)), new Set(["saved"]));
  server.fault = () => null;
  await drain(phone);
  assert.equal(server.rows.size, 5);
});

test("a phone that the server did not know yet sends again at once, with its cookie", async () => {
  const server = new Server();
  server.known = false;
  const phone = await waiting(server, 25);
  await phone.dispatch.send();
  assert.deepEqual(server.commandIds(), phone.ids);
  assert.equal(phone.dispatch.status.phase, "idle");
});

test("not yet stays and is tried again", async () => {
  const server = new Server();
  let asked = 0;
  server.judge = () => (asked++ < 3 ? "not_yet" : null);
  const phone = await waiting(server, 2);
  await phone.dispatch.send();
  assert.equal(phone.dispatch.status.phase, "waiting");
  assert.equal((await phone.outbox.list()).length, 2);
  await drain(phone);
  assert.equal(server.rows.size, 2);
});

test("photos come after their record, the smallest first, each with its digest, and are let go only then", async () => {
  const server = new Server();
  const phone = tab(server);
  const photos = [900, 100, 500].map((size, number) => ({ id: newId(), bytes: picture(number, size), type: "image/jpeg" }));
  const data = { number: "1", seen: 1, text: "修好了", before: [photos[0].id], after: [photos[1].id, photos[2].id] };
  await quietly(phone, () => phone.outbox.add({ verb: "finish", data, photos }));
  server.fault = ({ path }, at) => (path !== "/sync" && at === 3 ? "lost" : null);
  await phone.dispatch.send();
  assert.deepEqual(
    server.requests.map(({ path }) => path),
    ["/sync", "/sync", `/sync/photos/${photos[1].id}`, `/sync/photos/${photos[2].id}`],
  );
  const [item] = await phone.outbox.list();
  assert.equal(item.state, "saved");
  assert.equal(item.words, "文字已收到,还有 2 张照片在本机。");
  assert.equal((await phone.outbox.receipts())[0].photos, 2);
  await drain(phone);
  assert.equal(server.photos.size, 3);
  assert.deepEqual(await phone.outbox.list(), []);
  assert.equal(await phone.store.picture(photos[0].id), undefined);
});

test("a refused photo needs the person and holds back none of the others", async () => {
  const server = new Server();
  const phone = tab(server);
  const photos = [1, 2, 3].map((number) => ({ id: newId(), bytes: picture(number), type: "image/jpeg" }));
  server.judge = ({ id, photo }) => (photo && id === photos[0].id ? "refused" : null);
  await quietly(phone, () => phone.outbox.add({ ...report("三张", { photos: photos.map(({ id }) => id) }), photos }));
  await drain(phone);
  assert.equal(server.photos.size, 2);
  const [item] = await phone.outbox.list();
  assert.deepEqual([item.state, item.words, item.photos.length], ["need", "不是照片", 1]);
  await phone.outbox.dropPhoto(photos[0].id);
  assert.deepEqual(await phone.outbox.list(), []);
});

test("where the phone is full nothing of the deed is saved, and the person hears it", async () => {
  const server = new Server();
  const phone = await waiting(server, 1);
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (...values) {
    if (this.name === "pictures") throw new DOMException("full", "QuotaExceededError");
    return put.apply(this, values);
  };
  const photos = [{ id: newId(), bytes: picture(1), type: "image/jpeg" }];
  try {
    await assert.rejects(phone.outbox.add({ ...report("满了", { photos: [photos[0].id] }), photos }), Full);
  } finally {
    IDBObjectStore.prototype.put = put;
  }
  assert.equal((await phone.outbox.list()).length, 1);
  assert.deepEqual(await phone.store.photos(), []);
});

test("a second tap with the same id saves nothing new; the same id for something else is an error", async () => {
  const server = new Server();
  const phone = tab(server);
  const id = newId();
  await phone.outbox.add({ ...report("一"), id });
  await phone.outbox.add({ ...report("一"), id });
  await assert.rejects(phone.outbox.add({ ...report("二"), id }), TypeError);
  await drain(phone);
  await phone.outbox.add({ ...report("一"), id });
  await assert.rejects(phone.outbox.add({ ...report("二"), id }), TypeError);
  assert.equal(server.rows.size, 1);
  assert.deepEqual(await phone.outbox.list(), []);
});

test("what is saved while a pass runs is sent without being asked again", async () => {
  const server = new Server();
  const phone = await waiting(server, 1);
  let late;
  server.fault = (_, at) => {
    if (at === 0) late = phone.outbox.add(report("晚来的"));
    return null;
  };
  await phone.dispatch.send();
  await late;
  await phone.dispatch.send();
  assert.equal(server.rows.size, 2);
});

test("another account on this phone neither reads nor sends what the first wrote; the first finds it again", async () => {
  const server = new Server();
  server.me = A;
  server.sections = { unit: ["甲的"] };
  const phone = tab(server);
  await phone.dispatch.send();
  await quietly(phone, () => phone.outbox.add(report("甲的秘密")));
  await phone.outbox.signOut();
  assert.equal(await phone.outbox.section("unit"), null);
  assert.deepEqual(await phone.outbox.list(), []);
  server.me = B;
  server.sections = {};
  await phone.dispatch.send({ now: true });
  assert.deepEqual(await phone.outbox.list(), []);
  assert.equal((await phone.outbox.counts()).elsewhere, 1);
  assert.equal(server.rows.size, 0);
  server.me = A;
  await phone.dispatch.send({ now: true });
  assert.equal(server.rows.size, 1);
  assert.equal((await phone.outbox.receipts())[0].command.data.text, "甲的秘密");
});

test("nothing that an account wrote lies readable in the storage, and the key cannot be read out", async () => {
  const server = new Server();
  server.me = A;
  const phone = tab(server);
  await phone.dispatch.send();
  const photos = [{ id: newId(), bytes: new TextEncoder().encode("照片里的秘密").buffer, type: "image/jpeg" }];
  await quietly(phone, () => phone.outbox.add({ ...report("写下的秘密", { photos: [photos[0].id] }), photos }));
  const draft = await phone.drafts.open("report");
  await draft.keep([["text", "草稿的秘密"]]);
  const rows = [...(await phone.store.commands()), ...(await phone.store.drafts())].map(({ sealed }) => sealed);
  rows.push(await phone.store.picture(photos[0].id));
  assert.equal(rows.length, 3);
  for (const { bytes, mark } of rows) {
    assert.ok(mark);
    assert.ok(!new TextDecoder().decode(bytes).includes("秘密"));
  }
  const { keys } = await phone.store.account(Date.now());
  await assert.rejects(crypto.subtle.exportKey("raw", keys[0].key));
  assert.ok(!JSON.stringify(await phone.store.sections("a")).includes(A.key));
});

test("a phone that was not seen for too long forgets key and working set, not the work", async () => {
  const server = new Server();
  server.me = A;
  let now = Date.UTC(2026, 10, 21);
  const phone = tab(server, { now: () => now });
  await phone.dispatch.send();
  await quietly(phone, () => phone.outbox.add(report("久")));
  now += 31 * 86_400_000;
  assert.deepEqual(await phone.outbox.list(), []);
  assert.equal((await phone.outbox.counts()).elsewhere, 1);
  await drain(phone);
  assert.equal(server.rows.size, 1);
});

test("a clock that jumps between 1970, now and 2099 makes the phone forget nothing", async () => {
  const server = new Server();
  server.me = A;
  const right = Date.UTC(2026, 10, 21, 10, 2, 12);
  for (const [before, after] of [
    [0, right],
    [right, 0],
    [Date.UTC(2099, 0, 1), right],
    [Date.UTC(2099, 0, 1), Date.UTC(2099, 0, 2)],
  ]) {
    let now = before;
    const phone = tab(server, { now: () => now });
    await phone.dispatch.send();
    await quietly(phone, () => phone.outbox.add(report("钟")));
    now = after;
    assert.equal((await phone.outbox.list()).length, 1);
  }
});

test("what was sealed with an earlier key of the account still opens and is sent", async () => {
  const server = new Server();
  server.me = A;
  const phone = tab(server);
  await phone.dispatch.send();
  await quietly(phone, () => phone.outbox.add(report("旧钥匙")));
  server.me = { ...A, key: Buffer.alloc(32, 9).toString("base64url") };
  await drain(phone);
  await quietly(phone, () => phone.outbox.add(report("新钥匙")));
  assert.equal((await phone.outbox.list()).length, 1);
  await drain(phone);
  assert.equal(server.rows.size, 2);
});

test("sections are kept as they come, asked for by their hash, and taken away", async () => {
  const server = new Server();
  server.me = A;
  server.sections = { unit: [1], places: ["一"] };
  const phone = tab(server);
  await phone.dispatch.send();
  await phone.dispatch.send({ now: true });
  const { have } = JSON.parse(server.requests.at(-1).body);
  assert.deepEqual(Object.keys(have).sort(), ["me", "places", "unit"]);
  await phone.store.putSections("a", { unit: { hash: "", data: null } });
  assert.equal(await phone.outbox.section("unit"), null);
  assert.deepEqual(await phone.outbox.section("places"), ["一"]);
});

test("receipts are the newest five hundred", async () => {
  const server = new Server();
  const phone = await waiting(server, 1);
  const sealed = { mark: null, iv: null, bytes: new ArrayBuffer(0) };
  const row = { account: null, verb: "report", made: 0, state: "saved", words: "", fields: {}, tries: 0, faults: 0, sealed };
  const ids = Array.from({ length: 510 }, () => newId());
  for (const id of ids) await phone.store.save({ ...row, id });
  const receipt = (id) => ({ id, account: null, at: 0, sealed });
  await phone.store.settle(ids.map((id) => ({ id, outcome: "received", receipt: receipt(id) })));
  const kept = (await phone.store.receipts()).map(({ id }) => id);
  assert.deepEqual(kept, ids.slice(10).reverse());
});

test("waiting doubles up to five minutes and begins anew when the person presses", async () => {
  const server = new Server();
  server.fault = () => "unsent";
  const phone = await waiting(server, 1, { now: () => 0 });
  const waits = [];
  for (let at = 0; at < 12; at++) {
    await phone.dispatch.send();
    waits.push(phone.dispatch.status.again);
  }
  assert.ok(waits[0] >= 2_500 && waits[0] <= 5_000, String(waits[0]));
  assert.ok(waits.slice(8).every((wait) => wait >= LONGEST / 2 && wait <= LONGEST));
  await phone.dispatch.send({ now: true });
  assert.ok(phone.dispatch.status.again <= 5_000);
});

test("two tabs share one queue: each sees the other's work, nothing is sent twice", async () => {
  const server = new Server();
  const locks = fakeLocks();
  const one = await waiting(server, 30, { locks });
  const other = tab(server, { name: one.name, locks });
  const heard = new Promise((resolve) => other.dispatch.listen((change) => change === "queue" && resolve(true)));
  await Promise.all([one.dispatch.send(), other.dispatch.send()]);
  assert.ok(await heard);
  const sent = server.requests.flatMap(({ body }) => JSON.parse(body).commands.map(({ id }) => id));
  assert.deepEqual(sent, one.ids);
  assert.deepEqual(await other.outbox.list(), []);
});

test("two tabs without Web Locks send some twice, and each arrives once", async () => {
  const server = new Server();
  const one = await waiting(server, 30);
  const other = tab(server, { name: one.name });
  await Promise.all([one.dispatch.send(), other.dispatch.send()]);
  await drain(one);
  assert.deepEqual(server.commandIds(), one.ids);
  assert.equal((await one.outbox.receipts()).length, 30);
});

test("two tabs that mend the same one make one of it", async () => {
  const server = new Server();
  server.judge = ({ data }) => (data?.text === "第 0 条" ? "refused" : null);
  const one = await waiting(server, 1);
  const other = tab(server, { name: one.name });
  await one.dispatch.send();
  const tries = await Promise.allSettled([one, other].map(({ outbox }) => outbox.mend(one.ids[0], { data: { text: "好" } })));
  assert.deepEqual(tries.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  await drain(one);
  assert.equal(server.rows.size, 1);
});

test("the words of the states are the four of the pill", () => {
  assert.deepEqual(Object.keys(STATES), ["saved", "sending", "received", "need"]);
});

test("a connection that the browser lost is opened again", async () => {
  const server = new Server();
  const phone = await waiting(server, 1);
  const database = new Store(phone.name);
  await database.commands();
  await database.close();
  await phone.store.close();
  assert.equal((await phone.outbox.list()).length, 1);
});

/** Web Locks of one browser. */
function fakeLocks() {
  let last = Promise.resolve();
  return {
    request(_, __, body) {
      const result = last.then(body);
      last = result.catch(() => {});
      return result;
    },
  };
}

test("a small command that somebody in between calls too large waits, and is not there twice", async () => {
  const there = new Server();
  there.me = A;
  const phone = tab(there);
  await phone.dispatch.send();
  const id = await quietly(phone, () => phone.outbox.add(report("一句话")));
  there.fault = (_, place) => (place === 1 ? "lost" : place < 4 ? 413 : null);
  for (let pass = 0; pass < 3; pass++) await phone.dispatch.send({ now: true });
  assert.deepEqual(
    (await phone.outbox.list()).map(({ state }) => state),
    ["saved"],
  );
  assert.equal(await drain(phone), 1);
  assert.deepEqual(there.commandIds(), [id]);
});
