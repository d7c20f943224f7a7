import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { afterEach, test } from "node:test";
import { drain, fresh, Outdated, STEPS, shut, Store, tab } from "./phones.js";
import { Server } from "./server.js";

afterEach(shut);

const FOLDER = new URL("./schemas/", import.meta.url);
const fixtures = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".json"))
  .map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"), bytes));

for (const fixture of fixtures) {
  test(`a phone of version ${fixture.version} keeps its queue, and it arrives`, async () => {
    const name = await build(fixture);
    const server = new Server();
    const phone = tab(server, { name });
    const list = await phone.outbox.list();
    assert.deepEqual(
      list.map(({ state, command }) => [state, command.data.text]),
      [
        ["need", "不收"],
        ["saved", "等着的"],
      ],
    );
    assert.equal((await phone.outbox.receipts())[0].command.data.text, "收到过的");
    const draft = await phone.drafts.open("report");
    assert.deepEqual(draft.fields, [["text", "没写完"]]);
    assert.equal((await draft.photos()).length, 1);
    await drain(phone);
    assert.equal(server.rows.size, 1);
    assert.equal(server.photos.size, 1);
  });
}

test("every version has its fixture, and the newest one is what a new phone gets", async () => {
  assert.deepEqual(
    fixtures.map(({ version }) => version).sort((one, other) => one - other),
    STEPS.map((_, at) => at + 1),
  );
  const newest = fixtures.find(({ version }) => version === STEPS.length);
  const store = new Store(fresh());
  await store.commands();
  await store.close();
  const database = await asked(indexedDB.open(store.name));
  const shapes = [...database.objectStoreNames].map((one) => {
    const held = database.transaction(one).objectStore(one);
    return [one, held.keyPath, Object.fromEntries([...held.indexNames].map((index) => [index, held.index(index).keyPath]))];
  });
  database.close();
  assert.deepEqual(
    shapes,
    Object.entries(newest.stores).map(([one, { keyPath, indexes }]) => [one, keyPath, indexes]),
  );
});

test("a page that is older than the phone's database says so and touches nothing", async () => {
  const name = fresh();
  (await asked(indexedDB.open(name, STEPS.length + 1))).close();
  const phone = tab(new Server(), { name });
  await assert.rejects(phone.outbox.add({ verb: "report", data: {} }), Outdated);
});

test("another tab's upgrade is not held back by an open connection", async () => {
  const phone = tab(new Server());
  await phone.outbox.list();
  const database = await asked(indexedDB.open(phone.name, STEPS.length + 1));
  assert.equal(database.version, STEPS.length + 1);
  database.close();
  await assert.rejects(phone.outbox.list(), Outdated);
});

/** A database as a phone of that version has it. */
async function build({ version, stores }) {
  const name = fresh();
  const request = indexedDB.open(name, version);
  request.onupgradeneeded = () => {
    for (const [store, { keyPath, indexes, rows }] of Object.entries(stores)) {
      const made = request.result.createObjectStore(store, { keyPath });
      for (const [index, path] of Object.entries(indexes)) made.createIndex(index, path);
      for (const row of rows) made.put(row);
    }
  };
  (await asked(request)).close();
  return name;
}

function bytes(_, value) {
  if (typeof value?.base64 !== "string") return value;
  return new Uint8Array(Buffer.from(value.base64, "base64")).buffer;
}

function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
