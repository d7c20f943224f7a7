/**
 * What waits on this phone, in one file that only the desk can open (docs/export.md).
 *
 *     const { bytes, name } = await exportFile(outbox, ids);   // raises `NotYet`, `TooLarge` with words for the person
 */
import { localTime } from "./clock.js";
import { fromBase64, seal, toBase64, toBytes } from "./sealing.js";

/** @typedef {import("./outbox.js").Outbox} Outbox */
/** @typedef {import("./outbox.js").Item} Item */

/** Keep with MOST_BYTES and MOST_COMMANDS of server/devices/export_file.py; the room is for the manifest. */
export const MOST_BYTES = 45_000_000;
export const MOST_COMMANDS = 500;
const MAGIC = "HYEXPORT";
const VERSION = 1;
const INFO = "huying export 1";
const CURVE = { name: "ECDH", namedCurve: "P-256" };

/** This phone has not heard the desk's key. */
export class NotYet extends Error {
  constructor() {
    super("这部手机还没有拿到社区的钥匙,先联网打开一次呼应,再导出。");
    this.name = "NotYet";
  }
}

/** More than the desk takes in one file. */
export class TooLarge extends Error {
  constructor() {
    super(`一个文件最多 ${MOST_COMMANDS} 条、${MOST_BYTES / 1_000_000} MB。请少选几条,分几次导出。`);
    this.name = "TooLarge";
  }
}

/** Whether it can be exported: what cannot be opened here cannot be handed on. @param {Item} item */
export function exportable({ command }) {
  return command !== null;
}

/**
 * A file of the items with these ids, and of their photos that are still here. Nothing on the phone changes by it.
 * @param {Outbox} outbox
 * @param {string[]} ids
 * @param {number} [now]
 * @returns {Promise<{bytes: Uint8Array<ArrayBuffer>, name: string}>}
 */
export async function exportFile(outbox, ids, now = Date.now()) {
  const [places, me] = await outbox.sections("places", "me");
  if (!places?.desk || !me?.device) throw new NotYet();
  const items = (await outbox.list()).filter((item) => ids.includes(item.id) && exportable(item));
  const size = items.flatMap(({ photos }) => photos).reduce((sum, photo) => sum + photo.size, 0);
  if (size > MOST_BYTES || items.length > MOST_COMMANDS) throw new TooLarge();
  const account = await outbox.store.account(now);
  const parts = [];
  /** @type {ArrayBuffer[]} */
  const pictures = [];
  for (const of of [null, account?.account ?? null].slice(0, account ? 2 : 1)) {
    const mine = items.filter((item) => item.account === of);
    if (mine.length) parts.push(await part(outbox, mine, of === null ? null : account, pictures));
  }
  const manifest = toBytes({ made: localTime(now), device: me.device, parts });
  const content = new Blob([uint32(manifest.byteLength), manifest, ...pictures]);
  const bytes = await envelope(await content.arrayBuffer(), fromBase64(places.desk));
  return { bytes, name: `huying-${localTime(now).slice(0, 16).replace(/[T:]/g, "-")}.huying` };
}

/**
 * @param {Outbox} outbox
 * @param {Item[]} items
 * @param {import("./store.js").AccountRow | null} account
 * @param {ArrayBuffer[]} pictures those of the part are added
 */
async function part(outbox, items, account, pictures) {
  const photos = [];
  for (const { id: command, photos: rows } of items) {
    for (const { id, type, size, digest } of rows) {
      const bytes = await outbox.picture(id);
      if (!bytes) continue;
      pictures.push(bytes);
      photos.push({ id, command, type, size, digest });
    }
  }
  // The newest key is the one that the server gives now; what was sealed by an older one is opened and sealed anew.
  const content = toBytes({ commands: items.map(({ command }) => command), photos });
  const { iv, bytes } = await seal(account?.keys[0] ?? null, "export", content);
  return { account: account?.account ?? null, iv: iv ? toBase64(iv) : "", content: toBase64(bytes) };
}

/**
 * @param {ArrayBuffer} content
 * @param {Uint8Array<ArrayBuffer>} desk its public point
 */
async function envelope(content, desk) {
  const theirs = await crypto.subtle.importKey("raw", desk, CURVE, false, []);
  const mine = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", mine.publicKey));
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, mine.privateKey, 256);
  const info = joined(text(INFO), point, desk);
  const secret = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
  const key = await crypto.subtle.deriveKey(how, secret, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const mark = new Uint8Array(await crypto.subtle.digest("SHA-256", desk)).slice(0, 8);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const head = joined(text(MAGIC), new Uint8Array([VERSION]), mark, point, iv);
  return joined(
    head,
    new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: head }, key, content)),
  );
}

/** @param {number} value */
function uint32(value) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** @param {string} value */
function text(value) {
  return new TextEncoder().encode(value);
}

/** @param {Uint8Array[]} pieces */
function joined(...pieces) {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
