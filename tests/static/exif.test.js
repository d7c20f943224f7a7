import assert from "node:assert/strict";
import { test } from "node:test";
import { readExif, writeExif } from "../../static/exif.js";
import { shrink } from "../../static/shrink.js";

const NOTHING = { takenAt: null, latitude: null, longitude: null, accuracy: null };
const SAID = { takenAt: "2026-11-21T18:02:11+08:00", latitude: 39.9087654, longitude: -116.3975321, accuracy: 12.5 };
const BARE = Uint8Array.from([0xff, 0xd8, 0xff, 0xdb, 0, 4, 1, 2, 0xff, 0xda, 0, 2, 9, 9, 0xff, 0xd9]).buffer;

test("what is written is read again, and the picture stays as it was", () => {
  for (const said of [SAID, { ...SAID, accuracy: null }, { ...SAID, takenAt: null }, { ...NOTHING, takenAt: SAID.takenAt }]) {
    const told = writeExif(BARE, said);
    assert.deepEqual(readExif(told), said);
    assert.deepEqual(new Uint8Array(told).slice(-14), new Uint8Array(BARE).slice(2));
  }
  assert.equal(writeExif(BARE, NOTHING), BARE);
});

test("positions of every quarter come back to seven places", () => {
  for (const [latitude, longitude] of [[-33.8567844, 151.2152967], [0.0000001, -0.0000001], [90, 180], [-89.9999999, -179.9999999]]) {
    const said = readExif(writeExif(BARE, { ...NOTHING, latitude, longitude }));
    assert.ok(Math.abs(said.latitude - latitude) < 2e-7 && Math.abs(said.longitude - longitude) < 2e-7, `${latitude}`);
  }
});

/** A little-endian TIFF by hand: entries [tag, type, count, value as bytes]. */
function tiff(first, below = {}) {
  const parts = [];
  let at = 8;
  const starts = {};
  const directories = Object.entries(below);
  const size = (entries) => 2 + entries.length * 12 + 4 + entries.reduce((all, [, , , bytes]) => all + (bytes.length > 4 ? bytes.length : 0), 0);
  let next = 8 + size([...first, ...directories.map(([tag]) => [Number(tag), 4, 1, [0, 0, 0, 0]])]);
  for (const [tag, entries] of directories) {
    starts[tag] = next;
    next += size(entries);
  }
  const write = (entries) => {
    const head = [entries.length & 255, entries.length >> 8];
    const values = [];
    for (const [tag, type, count, bytes] of entries) {
      head.push(tag & 255, tag >> 8, type, 0, ...little(count));
      if (bytes.length <= 4) head.push(...bytes, ...Array(4 - bytes.length).fill(0));
      else {
        head.push(...little(at + 2 + entries.length * 12 + 4 + values.length));
        values.push(...bytes);
      }
    }
    const all = [...head, 0, 0, 0, 0, ...values];
    at += all.length;
    parts.push(...all);
  };
  write([...first, ...directories.map(([tag]) => [Number(tag), 4, 1, little(starts[tag])])]);
  for (const [, entries] of directories) write(entries);
  return [0x49, 0x49, 42, 0, 8, 0, 0, 0, ...parts];
}

const little = (number) => [number & 255, (number >> 8) & 255, (number >> 16) & 255, (number >>> 24) & 255];
const text = (tag, value) => [tag, 2, value.length + 1, [...Buffer.from(`${value}\0`)]];
const rational = (tag, ...pairs) => [tag, 5, pairs.length / 2, pairs.flatMap(little)];
const HEAD = [...Buffer.from("Exif\0\0")];

function jpeg(body, before = []) {
  const length = body.length + HEAD.length + 2;
  return Uint8Array.from([0xff, 0xd8, ...before, 0xff, 0xe1, length >> 8, length & 255, ...HEAD, ...body, 0xff, 0xda, 0, 2]).buffer;
}

const GPS = [text(1, "N"), rational(2, 39, 1, 54, 1, 3000, 100), text(3, "E"), rational(4, 116, 1, 23, 1, 45, 1)];

test("a camera's own EXIF is read: little-endian, behind other segments, minutes and seconds", () => {
  const body = tiff([text(0x0132, "2026:01:01 00:00:00")], { 0x8769: [text(0x9003, "2026:11:21 18:02:11")], 0x8825: GPS });
  const said = readExif(jpeg(body, [0xff, 0xe0, 0, 4, 1, 2, 0xff]));
  assert.deepEqual(said, { takenAt: "2026-11-21T18:02:11+08:00", latitude: 39.9083333, longitude: 116.3958333, accuracy: null });
});

test("EXIF is found in other files, too", () => {
  const body = tiff([], { 0x8825: GPS });
  const heic = Uint8Array.from([0, 0, 0, 24, ...Buffer.from("ftypheicE"), ...Array(300).fill(0x45), ...HEAD, ...body]).buffer;
  assert.equal(readExif(heic).latitude, 39.9083333);
});

const WRONG = {
  "no side": [GPS[1], GPS[2], GPS[3]],
  "a wrong side": [text(1, "X"), ...GPS.slice(1)],
  "ninety-one degrees": [GPS[0], rational(2, 91, 1, 0, 1, 0, 1), GPS[2], GPS[3]],
  "seventy minutes": [GPS[0], rational(2, 39, 1, 70, 1, 0, 1), GPS[2], GPS[3]],
  "a division by zero": [GPS[0], rational(2, 39, 0, 0, 0, 0, 0), GPS[2], GPS[3]],
  "the island that is none": [GPS[0], rational(2, 0, 1), GPS[2], rational(4, 0, 1)],
  "a receiver without a fix": [...GPS, text(9, "V")],
};
for (const [name, gps] of Object.entries(WRONG)) {
  test(`a position with ${name} counts as nothing said`, () => {
    assert.deepEqual(readExif(jpeg(tiff([], { 0x8825: gps }))), NOTHING);
  });
}

test("times that are none count as nothing said", () => {
  for (const time of ["0000:00:00 00:00:00", "2026:02:30 10:00:00", "1980:01:01 00:00:00", "    :  :     :  :  ", "2026:11:21 25:00:00"]) {
    assert.equal(readExif(jpeg(tiff([text(0x0132, time)]))).takenAt, null, time);
  }
});

test("damage anywhere costs nothing else", () => {
  const whole = new Uint8Array(jpeg(tiff([text(0x0132, "2026:11:21 18:02:11")], { 0x8825: GPS })));
  for (let end = 0; end < whole.length; end++) readExif(whole.slice(0, end).buffer);
  for (let at = 0; at < whole.length; at++) {
    for (const value of [0, 0xff, 0x80]) {
      const broken = whole.slice();
      broken[at] = value;
      readExif(broken.buffer);
    }
  }
  assert.deepEqual(readExif(new ArrayBuffer(0)), NOTHING);
});

const drawn = (size) => async () => ({ bytes: Uint8Array.from([0xff, 0xd8, ...Array(size).fill(1)]).buffer, type: "image/jpeg" });

test("a photo that was drawn smaller keeps its time and place", async () => {
  const photo = new Blob([writeExif(BARE, SAID), new Uint8Array(5000)], { type: "image/jpeg" });
  const small = await shrink(photo, drawn(50));
  assert.ok(small.bytes.byteLength < 500);
  assert.deepEqual(small.said, SAID);
  assert.deepEqual(readExif(small.bytes), SAID);
});

test("what the browser cannot open, or only makes larger, stays as it is", async () => {
  const content = new Uint8Array(200).fill(7);
  const refuses = async () => {
    throw new DOMException("", "InvalidStateError");
  };
  const other = async () => ({ bytes: new ArrayBuffer(4), type: "image/png" });
  for (const [type, draw] of [["image/heic", refuses], ["image/jpeg", drawn(1000)], ["image/jpeg", async () => null], ["image/jpeg", other]]) {
    const kept = await shrink(new Blob([content], { type }), draw);
    assert.deepEqual(new Uint8Array(kept.bytes), content);
    assert.equal(kept.type, type);
  }
});
