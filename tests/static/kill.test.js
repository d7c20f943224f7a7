// The phone dies between any two of its steps, or before and after any request; then it is started again.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { newId } from "../../static/clock.js";
import { drain, fresh, mortal, picture, quietly, report, shut, tab } from "./phones.js";
import { A, Server } from "./server.js";

afterEach(shut);

/** What a person does, up to the death of the phone; the ids and photos that were shown as saved. */
async function live(server, phone) {
  const saved = [];
  const photos = [];
  try {
    await phone.dispatch.send();
    const draft = await phone.drafts.open("report");
    await draft.keep([["text", "草稿"]]);
    const id = await draft.addPhoto({ bytes: picture(1, 300), type: "image/jpeg" });
    saved.push(await draft.save(phone.outbox, report("有照片", { photos: [id] })));
    photos.push(id);
    saved.push(await phone.outbox.add(report("没照片")));
    const refused = await phone.outbox.add(report("不收"));
    saved.push(refused);
    await phone.dispatch.send({ now: true });
    const mended = await phone.outbox.mend(refused, { data: { text: "改过", photos: [] } });
    saved.splice(saved.indexOf(refused), 1, mended);
    await phone.dispatch.send({ now: true });
  } catch {
    // Dead; what was not acknowledged may or may not be there.
  }
  return { saved, photos };
}

function server() {
  const made = new Server();
  made.me = A;
  made.judge = ({ data }) => (data?.text === "不收" ? "refused" : null);
  return made;
}

/** Whatever was shown as saved is on the server once, or needs the person; nothing else but one more waits for nobody. */
async function judge(at, there, { saved, photos }, again) {
  assert.ok((await drain(again)) <= 3, `${at}: the queue drains`);
  const need = new Map((await again.outbox.list()).map((item) => [item.id, item.state]));
  for (const id of saved) {
    const mender = [...there.rows.values()].some((row) => JSON.parse(row).mends === id);
    const places = [there.rows.has(id), need.get(id) === "need", mender].filter(Boolean);
    assert.equal(places.length, 1, `${at}: ${id} is in one place`);
  }
  for (const id of photos) assert.ok(there.photos.has(id), `${at}: the photo is there`);
  const texts = there.commandIds().map((id) => JSON.parse(there.rows.get(id)).data.text);
  assert.equal(new Set(texts).size, texts.length, `${at}: nothing is there twice (${texts})`);
  const left = await again.store.photos();
  assert.deepEqual(left.filter(({ command }) => command), [], `${at}: no photo is left behind`);
}

async function steps() {
  const { store, life } = mortal(fresh(), Number.POSITIVE_INFINITY, "after");
  const done = await live(server(), tab(server(), { store }));
  assert.equal(done.saved.length, 3);
  return life.steps;
}

for (const when of ["before", "after"]) {
  test(`a phone that dies ${when} any of its steps loses nothing and doubles nothing`, async () => {
    const all = await steps();
    assert.ok(all > 40, `there are many steps (${all})`);
    for (let at = 1; at <= all; at++) {
      const there = server();
      const name = fresh();
      const { store } = mortal(name, at, when);
      const done = await live(there, tab(there, { store, name }));
      await judge(`step ${at} of ${all}`, there, done, tab(there, { name }));
      await shut();
    }
  });
}

test("a draft that was kept is there after death, unless its deed is saved", async () => {
  const all = await steps();
  for (let at = 1; at <= all; at++) {
    const there = server();
    const name = fresh();
    const { store, life } = mortal(name, at, "after");
    const phone = tab(there, { store, name });
    await phone.dispatch.send();
    let kept = false;
    let saved = false;
    try {
      const draft = await phone.drafts.open("report");
      await draft.keep([["text", "草稿"]]);
      kept = true;
      await draft.addPhoto({ bytes: picture(1), type: "image/jpeg" });
      await draft.save(phone.outbox, report("草稿", { photos: (await draft.photos()).map(({ id }) => id) }));
      saved = true;
    } catch {
      assert.ok(life.dead);
    }
    const again = tab(there, { name });
    await drain(again);
    const draft = await again.drafts.open("report");
    if (kept) assert.ok(draft.restored !== (there.rows.size === 1), `step ${at}: it is in one place`);
    if (saved) assert.equal(there.rows.size, 1);
    await shut();
    if (!life.dead) break;
  }
});

/** Random numbers that are the same for the same seed. */
function dice(seed) {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return Math.abs(state ^ (state >>> 13)) % sides;
  };
}

test("whatever the network, the server and death do, what was saved arrives once or needs the person", async () => {
  const FAULTS = ["unsent", "lost", "half", "cut", "portal", 401, 429, 500, 503];
  for (let seed = 1; seed <= 60; seed++) {
    const roll = dice(seed);
    const there = new Server();
    there.me = A;
    const fates = new Map();
    there.judge = ({ id }) => {
      if (!fates.has(id)) fates.set(id, roll(8) === 0 ? "refused" : null);
      return fates.get(id) ?? (roll(6) === 0 ? "not_yet" : null);
    };
    there.fault = () => (roll(3) === 0 ? FAULTS[roll(FAULTS.length)] : null);
    const name = fresh();
    const now = () => [0, Date.UTC(2026, 10, 21), Date.UTC(2026, 10, 22)][roll(3)];
    let phone = tab(there, { name, now });
    const saved = [];
    const photos = [];
    for (let deed = 0; deed < 12; deed++) {
      const picked = roll(2) ? [{ id: newId(), bytes: picture(deed, 50 + roll(200)), type: "image/jpeg" }] : [];
      const ids = picked.map(({ id }) => id);
      try {
        const added = await quietly(phone, () =>
          phone.outbox.add({ ...report(`${seed}/${deed}`, { photos: ids }), photos: picked }),
        );
        saved.push(added);
        photos.push(...ids);
      } catch {
        // Killed meanwhile: it was not shown as saved.
      }
      if (roll(2)) await phone.dispatch.send({ now: true });
      if (roll(4) === 0) {
        phone.dispatch.stop();
        const { store } = mortal(name, 1 + roll(25), roll(2) ? "before" : "after");
        phone = tab(there, { name, now, store });
        await phone.dispatch.send({ now: true });
        phone = tab(there, { name, now });
      }
    }
    there.fault = () => null;
    phone = tab(there, { name });
    const judged = there.judge;
    there.judge = (command) => (judged(command) === "refused" ? "refused" : null);
    assert.ok((await drain(phone)) <= 5, `seed ${seed}: the queue drains`);
    const list = await phone.outbox.list();
    for (const id of saved) {
      const item = list.find((one) => one.id === id);
      assert.notEqual(there.rows.has(id), item?.receipt === null, `seed ${seed}: ${id} is in one place`);
      if (item) assert.equal(item.state, "need");
    }
    for (const id of photos) {
      const waits = list.some((item) => item.state === "need" && item.photos.some((photo) => photo.id === id));
      assert.notEqual(there.photos.has(id), waits, `seed ${seed}: photo ${id} is in one place`);
    }
    assert.ok(there.rows.size <= saved.length + 12);
    await shut();
  }
});
