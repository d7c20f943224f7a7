// What a member taps becomes what the verb takes; what is missing is named.
import assert from "node:assert/strict";
import { test } from "node:test";

const { inDays, dayOf } = await import("../../static/households/words.js");

test("days are counted in Beijing", () => {
  const late = Date.UTC(2026, 10, 27, 17, 0); // already the 28th in Beijing
  assert.equal(inDays(0, late), "2026-11-28");
  assert.equal(inDays(14, late), "2026-12-12");
  assert.equal(dayOf("2026-12-03"), "12月3日");
  assert.equal(dayOf(null), "");
});
