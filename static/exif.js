/**
 * What a photo says of itself, read on the phone before a canvas throws it away, and written back into the smaller one:
 * time and place, nothing else. The same rules as server/photos/exif.py; nonsense counts as nothing said.
 * @typedef {{takenAt: string | null, latitude: number | null, longitude: number | null, accuracy: number | null}} Said
 * Time as `2026-11-21T18:02:11+08:00`, degrees WGS-84, metres.
 */

/** Size in bytes of a value by its type: byte, text, short, long, rational, …; unknown types are skipped. */
const SIZES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8];
const [TEXT, LONG, RATIONAL] = [2, 4, 5];
const [EXIF, GPS, MOMENT] = [0x8769, 0x8825, 0x0132];
/** @type {[number, number][]} tag of a time, tag of its offset */
const TIMES = [
  [0x9003, 0x9011],
  [0x9004, 0x9012],
  [MOMENT, 0x9010],
];
const HEAD = [0x45, 0x78, 0x69, 0x66, 0, 0];

/** @param {ArrayBuffer} photo any file @returns {Said} */
export function readExif(photo) {
  const nothing = { takenAt: null, latitude: null, longitude: null, accuracy: null };
  const at = findTiff(new Uint8Array(photo));
  if (at < 0) return nothing;
  try {
    const tiff = new Tiff(new DataView(photo, at));
    const gps = tiff.below(GPS);
    const tags = new Map([...tiff.first, ...tiff.below(EXIF)]);
    return { takenAt: momentOf(tags), ...positionOf(gps) };
  } catch {
    return nothing;
  }
}

/**
 * Puts time and place into a JPEG that has none.
 * @param {ArrayBuffer} jpeg
 * @param {Said} said
 * @returns {ArrayBuffer}
 */
export function writeExif(jpeg, said) {
  const tiff = build(said);
  const bytes = new Uint8Array(jpeg);
  if (!tiff || bytes[0] !== 0xff || bytes[1] !== 0xd8) return jpeg;
  const length = tiff.length + HEAD.length + 2;
  const put = [0xff, 0xd8, 0xff, 0xe1, length >> 8, length & 0xff, ...HEAD, ...tiff];
  const whole = new Uint8Array(put.length + bytes.length - 2);
  whole.set(put);
  whole.set(bytes.subarray(2), put.length);
  return whole.buffer;
}

/**
 * Where the EXIF begins: in a JPEG its segment before the picture; elsewhere (HEIC, PNG) by its head, in the first and
 * last part of the file.
 * @param {Uint8Array} bytes
 */
function findTiff(bytes) {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return scan(bytes);
  for (let at = 2; at + 10 < bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda; ) {
    if (bytes[at + 1] === 0xff) {
      at += 1;
      continue;
    }
    if (bytes[at + 1] === 0xe1 && HEAD.every((byte, index) => bytes[at + 4 + index] === byte)) return at + 10;
    at += 2 + ((bytes[at + 2] << 8) | bytes[at + 3]);
  }
  return -1;
}

/** @param {Uint8Array} bytes */
function scan(bytes) {
  const end = bytes.length - HEAD.length - 8;
  for (let at = bytes.indexOf(HEAD[0]); at >= 0 && at <= end; at = bytes.indexOf(HEAD[0], at + 1)) {
    if (HEAD.every((byte, index) => bytes[at + index] === byte)) {
      const order = bytes[at + 6];
      if ((order === 0x49 || order === 0x4d) && bytes[at + 7] === order) return at + 6;
    }
  }
  return -1;
}

/** The directories of a TIFF, each a map from tag to text or list of numbers. */
class Tiff {
  /** @param {DataView} view */
  constructor(view) {
    this.view = view;
    this.little = view.getUint16(0) === 0x4949;
    if (view.getUint16(2, this.little) !== 42) throw new RangeError("no TIFF");
    this.first = this.#directory(view.getUint32(4, this.little));
  }

  /** @param {number} tag */
  below(tag) {
    const at = this.first.get(tag);
    return Array.isArray(at) ? this.#directory(at[0]) : new Map();
  }

  /** @param {number} at @returns {Map<number, string | number[]>} */
  #directory(at) {
    const found = new Map();
    const count = at + 2 <= this.view.byteLength ? this.view.getUint16(at, this.little) : 0;
    for (let index = 0; index < count; index++) {
      const entry = at + 2 + index * 12;
      if (entry + 12 > this.view.byteLength) break;
      const value = this.#value(entry);
      if (value !== null) found.set(this.view.getUint16(entry, this.little), value);
    }
    return found;
  }

  /** @param {number} entry @returns {string | number[] | null} */
  #value(entry) {
    const type = this.view.getUint16(entry + 2, this.little);
    const count = this.view.getUint32(entry + 4, this.little);
    const size = SIZES[type] * count;
    if (!size || size > 1000) return null;
    const at = size > 4 ? this.view.getUint32(entry + 8, this.little) : entry + 8;
    if (at + size > this.view.byteLength) return null;
    if (type === TEXT) {
      const bytes = new Uint8Array(this.view.buffer, this.view.byteOffset + at, count);
      return String.fromCharCode(...bytes).replace(/[\0 ]+$/, "");
    }
    return Array.from({ length: count }, (_, index) => this.#number(type, at + index * SIZES[type]));
  }

  /** @param {number} type @param {number} at */
  #number(type, at) {
    if (type === 3) return this.view.getUint16(at, this.little);
    if (type === LONG) return this.view.getUint32(at, this.little);
    if (type === RATIONAL) return this.view.getUint32(at, this.little) / this.view.getUint32(at + 4, this.little);
    if (type === 10) return this.view.getInt32(at, this.little) / this.view.getInt32(at + 4, this.little);
    return this.view.getUint8(at);
  }
}

/** @param {Map<number, string | number[]>} gps */
function positionOf(gps) {
  const nowhere = { latitude: null, longitude: null, accuracy: null };
  if (String(gps.get(9) ?? "").toUpperCase() === "V") return nowhere;
  const latitude = degrees(gps.get(2), gps.get(1), "N", "S", 90);
  const longitude = degrees(gps.get(4), gps.get(3), "E", "W", 180);
  if (latitude === null || longitude === null || (latitude === 0 && longitude === 0)) return nowhere;
  const metres = gps.get(31);
  const accuracy = Array.isArray(metres) && metres[0] > 0 && metres[0] <= 100_000 ? metres[0] : null;
  return { latitude, longitude, accuracy };
}

/**
 * @param {string | number[] | undefined} parts degrees, minutes, seconds
 * @param {string | number[] | undefined} side
 * @param {string} plus
 * @param {string} minus
 * @param {number} most
 */
function degrees(parts, side, plus, minus, most) {
  const letter = String(side ?? "")[0]?.toUpperCase();
  if (!Array.isArray(parts) || parts.length < 1 || parts.length > 3 || ![plus, minus].includes(letter)) return null;
  if (parts.some((part, at) => !Number.isFinite(part) || part < 0 || (at > 0 && part > 60))) return null;
  const sum = parts.reduce((all, part, at) => all + part / 60 ** at, 0);
  if (sum > most) return null;
  return Number((letter === minus ? -sum : sum).toFixed(7));
}

/** @param {Map<number, string | number[]>} tags */
function momentOf(tags) {
  for (const [time, offset] of TIMES) {
    const found = /^(\d{4})\D(\d\d)\D(\d\d)\D(\d\d)\D(\d\d)\D(\d\d)/.exec(String(tags.get(time) ?? ""));
    if (!found || Number(found[1]) < 1990) continue;
    const [year, month, day, hour, minute, second] = found.slice(1);
    const naive = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
    // A day that is none (February 30th) comes out as another one.
    const real = new Date(`${naive}Z`);
    if (Number.isNaN(real.getTime()) || real.toISOString().slice(0, 19) !== naive) continue;
    return naive + zone(String(tags.get(offset) ?? ""));
  }
  return null;
}

/** Beijing time where the photo names none. @param {string} offset */
function zone(offset) {
  const found = /^([+-])(\d\d):?(\d\d)/.exec(offset);
  return found && Number(found[2]) <= 14 && Number(found[3]) <= 59 ? `${found[1]}${found[2]}:${found[3]}` : "+08:00";
}

/** @typedef {{tag: number, type: number, value: string | number[]}} Entry rational numbers in pairs */

/** @param {Said} said @returns {number[] | null} */
function build({ takenAt, latitude, longitude, accuracy }) {
  /** @type {Entry[]} */
  const exif = [];
  /** @type {Entry[]} */
  const gps = [];
  if (takenAt) {
    exif.push({ tag: 0x9003, type: TEXT, value: takenAt.slice(0, 19).replaceAll("-", ":").replace("T", " ") });
    exif.push({ tag: 0x9011, type: TEXT, value: takenAt.slice(19) });
  }
  if (latitude !== null && longitude !== null) {
    gps.push(
      { tag: 1, type: TEXT, value: latitude < 0 ? "S" : "N" },
      { tag: 2, type: RATIONAL, value: parts(latitude) },
    );
    gps.push({ tag: 3, type: TEXT, value: longitude < 0 ? "W" : "E" });
    gps.push({ tag: 4, type: RATIONAL, value: parts(longitude) });
    if (accuracy !== null) gps.push({ tag: 31, type: RATIONAL, value: [Math.round(accuracy * 100), 100] });
  }
  if (!exif.length && !gps.length) return null;
  const after = 8 + 2 + 2 * 12 + 4;
  const exifBytes = directory(exif, after);
  const first = [
    { tag: EXIF, type: LONG, value: [after] },
    { tag: GPS, type: LONG, value: [after + exifBytes.length] },
  ];
  const gpsBytes = directory(gps, after + exifBytes.length);
  return [0x4d, 0x4d, 0, 42, ...four(8), ...directory(first, 8), ...exifBytes, ...gpsBytes];
}

/** Degrees, minutes and seconds to a ten-thousandth (3 mm). @param {number} value */
function parts(value) {
  const all = Math.round(Math.abs(value) * 36_000_000);
  return [Math.floor(all / 36_000_000), 1, Math.floor(all / 600_000) % 60, 1, all % 600_000, 10_000];
}

/** @param {Entry[]} entries @param {number} at @returns {number[]} */
function directory(entries, at) {
  const head = [entries.length >> 8, entries.length & 0xff];
  /** @type {number[]} */
  const values = [];
  for (const { tag, type, value } of entries) {
    const bytes = typeof value === "string" ? [...value, "\0"].map((one) => one.charCodeAt(0)) : value.flatMap(four);
    const count = type === TEXT ? bytes.length : value.length / (type === RATIONAL ? 2 : 1);
    head.push(tag >> 8, tag & 0xff, 0, type, ...four(count));
    if (bytes.length <= 4) head.push(...bytes, ...Array(4 - bytes.length).fill(0));
    else {
      head.push(...four(at + 2 + entries.length * 12 + 4 + values.length));
      values.push(...bytes, ...(bytes.length % 2 ? [0] : []));
    }
  }
  return [...head, 0, 0, 0, 0, ...values];
}

/** @param {number} number */
function four(number) {
  return [(number >>> 24) & 0xff, (number >>> 16) & 0xff, (number >>> 8) & 0xff, number & 0xff];
}
