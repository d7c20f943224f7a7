// Makes a file as a phone does, from JSON on stdin: {desk, device, account, key, commands: [{account, data, photos}]}.
// tests/devices/test_export_file.py opens it; `1.huying` is kept of the first format, for ever.
import { text } from "node:stream/consumers";
import { newId } from "../../../static/clock.js";
import { exportFile } from "../../../static/export.js";
import { quietly, shut, tab } from "../phones.js";
import { NOBODY, Server } from "../server.js";

const { desk, device, account, key, commands } = JSON.parse(await text(process.stdin));
const server = new Server();
const phone = tab(server);
server.sections = { places: { desk } };
const saved = [];

async function save({ account: of, text: said, photos, ...data }) {
  server.me = of ? { account, key, days: 30, device } : { ...NOBODY, device };
  await phone.dispatch.send({ now: true });
  const pictures = photos.map((photo) => {
    const bytes = Uint8Array.from(Buffer.from(photo, "base64")).buffer;
    return { id: newId(), bytes, type: "image/jpeg" };
  });
  const named = { text: said, photos: pictures.map(({ id }) => id), ...data };
  saved.push(await phone.outbox.add({ verb: "report", data: named, photos: pictures }));
}

await quietly(phone, async () => {
  server.judge = () => "not_yet";
  for (const one of commands) await save(one);
});
const { bytes } = await exportFile(phone.outbox, saved);
process.stdout.write(Buffer.from(bytes));
await shut();
