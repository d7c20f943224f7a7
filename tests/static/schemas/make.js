// Writes the fixture of the newest version: `node tests/static/schemas/make.js > tests/static/schemas/<version>.json`.
// Once a version is released its fixture stays as it is.
import { newId } from "../../../static/clock.js";
import { picture, quietly, report, shut, tab } from "../phones.js";
import { NOBODY, Server } from "../server.js";

const server = new Server();
server.me = NOBODY;
server.sections = { places: ["一"] };
const phone = tab(server);
await quietly(phone, async () => {
  server.judge = ({ data }) => (data?.text === "不收" ? "refused" : null);
  await phone.outbox.add(report("收到过的"));
  await phone.outbox.add(report("不收"));
  await phone.dispatch.send();
  const photos = [{ id: newId(), bytes: picture(7, 30), type: "image/jpeg" }];
  await phone.outbox.add({ ...report("等着的", { photos: [photos[0].id] }), photos });
  const draft = await phone.drafts.open("report");
  await draft.keep([["text", "没写完"]]);
  await draft.addPhoto({ bytes: picture(8, 30), type: "image/jpeg" });
});
console.log(JSON.stringify(await describe(phone.name), null, 1));
await shut();

/** Stores, indexes and rows of a database; bytes as {"bytes": base64}. */
async function describe(name) {
  const database = await asked(indexedDB.open(name));
  const stores = {};
  for (const store of database.objectStoreNames) {
    const held = database.transaction(store).objectStore(store);
    const indexes = Object.fromEntries([...held.indexNames].map((index) => [index, held.index(index).keyPath]));
    stores[store] = { keyPath: held.keyPath, indexes, rows: await asked(held.getAll()) };
  }
  database.close();
  return { version: database.version, stores: JSON.parse(JSON.stringify(stores, bytes)) };
}

function bytes(_, value) {
  return value instanceof ArrayBuffer ? { base64: Buffer.from(value).toString("base64") } : value;
}

function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
