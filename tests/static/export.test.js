import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { newId } from "../../static/clock.js";
import { exportFile, MOST_BYTES, NotYet, TooLarge } from "../../static/export.js";
import { picture, quietly, report, sealing, shut, tab } from "./phones.js";
import { A, B, NOBODY, Server } from "./server.js";

afterEach(shut);

const CURVE = { name: "ECDH", namedCurve: "P-256" };
const desk = await crypto.subtle.generateKey(CURVE, true, ["deriveBits"]);
const point = new Uint8Array(await crypto.subtle.exportKey("raw", desk.publicKey));

/** A phone that has heard the desk's key, and whose server takes nothing from now on. */
async function phoneOf(me) {
  const server = new Server();
  server.me = { ...me, device: "d.mark" };
  server.sections = { places: { desk: sealing.toBase64(point) } };
  const phone = tab(server);
  await phone.dispatch.send();
  server.fault = () => "unsent";
  return { ...phone, server };
}

/** What the desk reads: the manifest and the pictures. */
async function opened(bytes) {
  const head = bytes.slice(0, 94);
  const theirs = await crypto.subtle.importKey("raw", bytes.slice(17, 82), CURVE, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, desk.privateKey, 256);
  const info = Buffer.concat([Buffer.from("huying export 1"), bytes.slice(17, 82), point]);
  const secret = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
  const key = await crypto.subtle.deriveKey(how, secret, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
  const iv = bytes.slice(82, 94);
  const content = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: head }, key, bytes.slice(94));
  const length = new DataView(content).getUint32(0);
  return { manifest: sealing.fromBytes(content.slice(4, 4 + length)), pictures: new Uint8Array(content.slice(4 + length)) };
}

async function partOf({ account, iv, content }, me) {
  const key = account ? await sealing.takeKey(me.key) : null;
  const bytes = sealing.fromBase64(content).buffer;
  const sealed = account ? { mark: key.mark, iv: sealing.fromBase64(iv).buffer, bytes } : { mark: null, iv: null, bytes };
  return sealing.fromBytes(await sealing.unseal(key ? [key] : [], "export", sealed));
}

test("the desk reads what was chosen, and its photos", async () => {
  const phone = await phoneOf(A);
  const photos = [{ id: newId(), bytes: picture(7), type: "image/jpeg" }];
  const first = await phone.outbox.add({ ...report("一", { photos: [photos[0].id] }), photos });
  await phone.outbox.add(report("二"));
  const { bytes, name } = await exportFile(phone.outbox, [first]);
  assert.match(name, /^huying-\d{4}-\d\d-\d\d-\d\d-\d\d\.huying$/);
  const { manifest, pictures } = await opened(bytes);
  assert.equal(manifest.device, "d.mark");
  const content = await partOf(manifest.parts[0], A);
  assert.deepEqual(
    content.commands.map(({ id, account, data }) => [id, account, data.text]),
    [[first, "a", "一"]],
  );
  assert.deepEqual([content.photos[0].id, content.photos[0].command], [photos[0].id, first]);
  assert.deepEqual(pictures, new Uint8Array(picture(7)));
});

test("what was saved signed out and under the account are parts of their own", async () => {
  const phone = await phoneOf(NOBODY);
  const nobodys = await phone.outbox.add(report("没登录"));
  phone.server.fault = ({ body }) => (JSON.parse(body).commands.length ? "unsent" : null);
  phone.server.me = { ...A, device: "d.mark" };
  await phone.store.welcome({ account: "a", key: await sealing.takeKey(A.key), days: 30 }, Date.now());
  await phone.store.putSections("a", {
    places: { hash: "1", data: { desk: sealing.toBase64(point) } },
    me: { hash: "1", data: { device: "d.mark" } },
  });
  const own = await phone.outbox.add(report("登录了"));
  const { manifest } = await opened((await exportFile(phone.outbox, [nobodys, own])).bytes);
  assert.deepEqual(
    manifest.parts.map(({ account }) => account),
    [null, "a"],
  );
  assert.equal((await partOf(manifest.parts[1], A)).commands[0].id, own);
});

test("nothing of another account is in the file, and exporting changes nothing", async () => {
  const phone = await phoneOf(B);
  await phone.outbox.add(report("乙的"));
  await phone.outbox.signOut();
  await phone.store.welcome({ account: "a", key: await sealing.takeKey(A.key), days: 30 }, Date.now());
  await phone.store.putSections("a", {
    places: { hash: "1", data: { desk: sealing.toBase64(point) } },
    me: { hash: "1", data: { device: "d.mark" } },
  });
  const all = (await phone.store.commands()).map(({ id }) => id);
  const { manifest } = await opened((await exportFile(phone.outbox, all)).bytes);
  assert.deepEqual(manifest.parts, []);
  assert.equal((await phone.outbox.counts()).elsewhere, 1);
});

test("a phone that never heard the desk's key says so", async () => {
  const phone = tab(new Server());
  const id = await quietly(phone, () => phone.outbox.add(report("一")));
  await assert.rejects(exportFile(phone.outbox, [id]), NotYet);
});

test("more than one file holds is said before anything is read", async () => {
  const phone = await phoneOf(A);
  const id = await phone.outbox.add(report("一"));
  const list = phone.outbox.list.bind(phone.outbox);
  phone.outbox.list = async () => (await list()).map((item) => ({ ...item, photos: [{ size: MOST_BYTES + 1 }] }));
  await assert.rejects(exportFile(phone.outbox, [id]), TooLarge);
});

test("only what needs the person can be thrown away, its photos with it", async () => {
  const phone = await phoneOf(A);
  phone.server.fault = () => null;
  phone.server.judge = ({ data }) => (data?.text === "不收" ? "refused" : null);
  const photos = [{ id: newId(), bytes: picture(7), type: "image/jpeg" }];
  const refused = await phone.outbox.add({ ...report("不收", { photos: [photos[0].id] }), photos });
  await phone.dispatch.send({ now: true });
  phone.server.fault = () => "unsent";
  const waits = await phone.outbox.add(report("等着"));
  await assert.rejects(phone.outbox.discard(waits));
  await phone.outbox.discard(refused);
  await assert.rejects(phone.outbox.discard(refused));
  assert.deepEqual(
    (await phone.outbox.list()).map(({ id }) => id),
    [waits],
  );
  assert.deepEqual(await phone.store.photos(), []);
});
