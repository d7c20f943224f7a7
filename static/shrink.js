/**
 * Makes a photo small before it is stored: longest side 1600 pixels, JPEG, upright, with its time and place and nothing
 * else of what the camera wrote. What the browser cannot open (HEIC on most) stays as it is; the server can.
 *
 * @typedef {import("./exif.js").Said} Said
 * @typedef {{bytes: ArrayBuffer, type: string, said: Said}} Small `said` goes into the report, position_source "photo"
 * @typedef {(photo: Blob) => Promise<Drawn | null>} Draw null: it is small enough as it is; fails where it cannot be opened
 * @typedef {{bytes: ArrayBuffer, type: string}} Drawn
 */
import { readExif, writeExif } from "./exif.js";

export const LONGEST_SIDE = 1600;
const QUALITY = 0.8;
/** A JPEG of at most this many bytes is not worth drawing again if it is not too large in pixels. */
const SMALL_ENOUGH = 600_000;

/**
 * @param {Blob} photo as chosen
 * @param {Draw} [draw]
 * @returns {Promise<Small>}
 */
export async function shrink(photo, draw = drawn) {
  const bytes = await photo.arrayBuffer();
  const said = readExif(bytes);
  const original = { bytes, type: photo.type || "application/octet-stream", said };
  const small = await draw(photo).catch(() => null);
  if (!small || small.bytes.byteLength === 0 || small.type !== "image/jpeg") return original;
  const told = { bytes: writeExif(small.bytes, said), type: small.type, said };
  return told.bytes.byteLength < bytes.byteLength || photo.type !== "image/jpeg" ? told : original;
}

/** @type {Draw} */
async function drawn(photo) {
  const picture = await decode(photo);
  try {
    const { width, height } = size(picture);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
    if (scale === 1 && photo.type === "image/jpeg" && photo.size <= SMALL_ENOUGH) return null;
    const canvas = surface(Math.round(width * scale), Math.round(height * scale));
    const context = /** @type {CanvasRenderingContext2D | null} */ (canvas.getContext("2d", { alpha: false }));
    if (!context) throw new Error("no canvas");
    // What is transparent in a PNG would come out black.
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await encode(canvas);
    return { bytes: await blob.arrayBuffer(), type: blob.type };
  } finally {
    if ("close" in picture) picture.close();
    else URL.revokeObjectURL(picture.src);
  }
}

/** Opened and upright. @param {Blob} photo @returns {Promise<ImageBitmap | HTMLImageElement>} */
async function decode(photo) {
  try {
    return await createImageBitmap(photo, { imageOrientation: "from-image" });
  } catch {
    // Older browsers do not know the option; their image element turns the photo itself.
    const image = new Image();
    image.src = URL.createObjectURL(photo);
    await image.decode();
    return image;
  }
}

/** @param {ImageBitmap | HTMLImageElement} picture */
function size(picture) {
  return "naturalWidth" in picture
    ? { width: picture.naturalWidth, height: picture.naturalHeight }
    : { width: picture.width, height: picture.height };
}

/** @param {number} width @param {number} height */
function surface(width, height) {
  if ("OffscreenCanvas" in globalThis) return new OffscreenCanvas(width, height);
  return Object.assign(document.createElement("canvas"), { width, height });
}

/** @param {OffscreenCanvas | HTMLCanvasElement} canvas @returns {Promise<Blob>} */
function encode(canvas) {
  if ("convertToBlob" in canvas) return canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", QUALITY);
  });
}
