/** Keeps what an account wrote from whoever holds the phone next: AES-GCM with the account's key (docs/sync.md). */

/**
 * A content as it lies in the phone's storage. Without an account it is plain and `iv` and `mark` are null.
 * @typedef {{mark: string | null, iv: ArrayBuffer | null, bytes: ArrayBuffer}} Sealed
 */
/** A key and the mark by which a sealed content names it. @typedef {{mark: string, key: CryptoKey}} Key */

/** The content was sealed by a key that is not here, or is damaged. */
export class Unreadable extends Error {
  constructor() {
    super("这条内容在这部手机上打不开。");
    this.name = "Unreadable";
  }
}

/**
 * Takes in the key that the server gave; from then on it cannot be read out again, only used.
 * @param {string} base64 32 bytes, either alphabet
 * @returns {Promise<Key>}
 */
export async function takeKey(base64) {
  const bytes = fromBase64(base64);
  if (bytes.length !== 32) throw new TypeError("a key has 32 bytes");
  const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  const mark = toBase64(await crypto.subtle.digest("SHA-256", bytes)).slice(0, 12);
  return { mark, key };
}

/**
 * @param {Key | null} key null: nobody is signed in, the content stays plain
 * @param {string} about what the content belongs to; it opens only there
 * @param {ArrayBuffer} bytes
 * @returns {Promise<Sealed>}
 */
export async function seal(key, about, bytes) {
  if (!key) return { mark: null, iv: null, bytes };
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt(how(iv, about), key.key, bytes);
  return { mark: key.mark, iv: iv.buffer, bytes: sealed };
}

/**
 * The other way round; raises `Unreadable`.
 * @param {readonly Key[]} keys
 * @param {string} about
 * @param {Sealed} sealed
 * @returns {Promise<ArrayBuffer>}
 */
export async function unseal(keys, about, sealed) {
  if (sealed.mark === null || sealed.iv === null) return sealed.bytes;
  const key = keys.find((one) => one.mark === sealed.mark);
  if (!key) throw new Unreadable();
  try {
    return await crypto.subtle.decrypt(how(new Uint8Array(sealed.iv), about), key.key, sealed.bytes);
  } catch {
    throw new Unreadable();
  }
}

/** @param {unknown} value @returns {ArrayBuffer} */
export function toBytes(value) {
  return new TextEncoder().encode(JSON.stringify(value)).buffer;
}

/** @param {ArrayBuffer} bytes @returns {any} */
export function fromBytes(bytes) {
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** @param {ArrayBuffer | Uint8Array} bytes */
export function toBase64(bytes) {
  const all = new Uint8Array(bytes);
  let text = "";
  for (let at = 0; at < all.length; at += 0x8000) text += String.fromCharCode(...all.subarray(at, at + 0x8000));
  return btoa(text);
}

/** Either alphabet, with or without padding. @param {string} text */
export function fromBase64(text) {
  const plain = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(plain), (character) => character.charCodeAt(0));
}

/**
 * @param {Uint8Array<ArrayBuffer>} iv
 * @param {string} about
 */
function how(iv, about) {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(about) };
}
