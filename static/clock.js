/** What the phone's clock is good for: ids that sort roughly by time, and the time a person saw. Nothing depends on it. */

let last = 0;
let count = 0;

/**
 * A UUIDv7 (RFC 9562, 5.7): milliseconds, a counter that keeps those of one millisecond in order, 62 random bits.
 * A clock that is wrong (1970, 2099) or jumps gives ids that sort wrongly and are unique all the same.
 * @param {number} [now] milliseconds since 1970
 * @returns {string}
 */
export function newId(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const moment = inOrder(Math.min(Math.max(Math.trunc(now) || 0, 0), 2 ** 48 - 2), bytes);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor(moment / 2 ** 32));
  view.setUint32(2, moment >>> 0);
  view.setUint16(6, 0x7000 | count);
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [8, 12, 16, 20, 32].map((end, at, ends) => hex.slice(ends[at - 1] ?? 0, end)).join("-");
}

/**
 * The time on this phone as a person there reads it: `2026-11-21T18:02:11.123+08:00`.
 * @param {number} [now] milliseconds since 1970
 */
export function localTime(now = Date.now()) {
  const ahead = -new Date(now).getTimezoneOffset();
  const local = new Date(now + ahead * 60_000).toISOString().slice(0, -1);
  const two = (/** @type {number} */ number) => String(Math.trunc(number)).padStart(2, "0");
  return `${local}${ahead < 0 ? "-" : "+"}${two(Math.abs(ahead) / 60)}:${two(Math.abs(ahead) % 60)}`;
}

/**
 * Counts within a millisecond, from a random start that leaves room; borrows from the next where the counter is full.
 * @param {number} moment
 * @param {Uint8Array} random
 */
function inOrder(moment, random) {
  if (last - moment >= 0 && last - moment < 1000) {
    count += 1;
    if (count > 0xfff) {
      last += 1;
      count = 0;
    }
    return last;
  }
  last = moment;
  count = ((random[6] << 8) | random[7]) & 0x7ff;
  return last;
}
