import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { drain, Gone, picture, quietly, report, shut, tab } from "./phones.js";
import { A, B, Server } from "./server.js";

afterEach(shut);

async function signedIn(me = A) {
  const server = new Server();
  server.me = me;
  const phone = tab(server);
  if (me) await phone.dispatch.send();
  return { server, ...phone };
}

test("every letter is there again, and so are the photos in their order", async () => {
  const phone = await signedIn();
  const draft = await phone.drafts.open("report");
  assert.equal(draft.restored, false);
  const text = "井盖\n坏了 <b>\u0000\uD83D\uDE00 ";
  for (let end = 1; end <= text.length; end++) draft.keep([["text", text.slice(0, end)]]);
  await draft.keep([
    ["text", text],
    ["who", "甲"],
    ["who", "乙"],
  ]);
  const ids = [await draft.addPhoto({ bytes: picture(1), type: "image/jpeg" })];
  ids.push(await draft.addPhoto({ bytes: picture(2), type: "image/heic" }));
  const again = await tab(phone.server, { name: phone.name }).drafts.open("report");
  assert.equal(again.restored, true);
  assert.deepEqual(again.fields, draft.fields);
  assert.deepEqual((await again.photos()).map(({ id }) => id), ids);
  assert.deepEqual(await again.picture(ids[1]), picture(2));
  assert.equal(again.command, draft.command);
});

test("a promise to keep is kept only when that content or a later one is written", async () => {
  const phone = await signedIn();
  const draft = await phone.drafts.open("report");
  const first = draft.keep([["text", "一"]]);
  draft.keep([["text", "二"]]);
  await first;
  assert.deepEqual((await phone.drafts.open("report")).fields, [["text", "二"]]);
});

test("saving ends it; a second tap and a tab left behind save nothing more", async () => {
  const phone = await signedIn();
  const [draft, left] = [await phone.drafts.open("report"), await phone.drafts.open("report")];
  await draft.keep([["text", "一"]]);
  const other = await phone.drafts.open("report");
  const id = await draft.addPhoto({ bytes: picture(1), type: "image/jpeg" });
  const dropped = await draft.addPhoto({ bytes: picture(2), type: "image/jpeg" });
  const deed = report("一", { photos: [id] });
  await quietly(phone, () => draft.save(phone.outbox, deed));
  await quietly(phone, () => draft.save(phone.outbox, deed));
  await draft.keep([["text", "太晚"]]);
  await assert.rejects(other.keep([["text", "别的页面"]]), Gone);
  assert.equal((await phone.drafts.open("report")).restored, false);
  assert.equal(await phone.store.picture(dropped), undefined);
  await drain(phone);
  assert.equal(phone.server.rows.size, 1);
  assert.deepEqual([...phone.server.photos.keys()], [id]);
  assert.equal(left.restored, false);
});

test("a deed that could not be saved leaves the draft as it was", async () => {
  const phone = await signedIn();
  const draft = await phone.drafts.open("report");
  await draft.keep([["text", "一"]]);
  const save = phone.store.save;
  phone.store.save = async () => {
    throw new Error("full");
  };
  await assert.rejects(draft.save(phone.outbox, report("一")));
  phone.store.save = save;
  await draft.keep([["text", "一二"]]);
  assert.deepEqual((await phone.drafts.open("report")).fields, [["text", "一二"]]);
});

test("drafts are apart by form and by account; what was begun before signing in is found after it", async () => {
  const phone = await signedIn(null);
  await (await phone.drafts.open("report")).keep([["text", "谁都没登录"]]);
  phone.server.me = A;
  await phone.dispatch.send();
  assert.deepEqual((await phone.drafts.open("report")).fields, [["text", "谁都没登录"]]);
  assert.equal((await phone.drafts.open("finish")).restored, false);
  await (await phone.drafts.open("finish")).keep([["text", "甲的"]]);
  phone.server.me = B;
  await phone.outbox.signOut();
  await phone.dispatch.send({ now: true });
  assert.equal((await phone.drafts.open("finish")).restored, false);
  phone.server.me = A;
  await phone.outbox.signOut();
  await phone.dispatch.send({ now: true });
  assert.deepEqual((await phone.drafts.open("finish")).fields, [["text", "甲的"]]);
});

test("after a sign-out nothing more is written for the one who left", async () => {
  const phone = await signedIn();
  const draft = await phone.drafts.open("report");
  await draft.keep([["text", "一"]]);
  await phone.outbox.signOut();
  await assert.rejects(draft.keep([["text", "一二"]]), Gone);
  await assert.rejects(draft.addPhoto({ bytes: picture(1), type: "image/jpeg" }), Gone);
  await assert.rejects(draft.save(phone.outbox, report("一二")), Gone);
});

test("what the person does not want is gone with its photos", async () => {
  const phone = await signedIn();
  const draft = await phone.drafts.open("report");
  await draft.addPhoto({ bytes: picture(1), type: "image/jpeg" });
  await draft.discard();
  assert.deepEqual(await phone.store.photos(), []);
  assert.equal((await phone.drafts.open("report")).restored, false);
});
