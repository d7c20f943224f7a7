import assert from "node:assert/strict";
import { test } from "node:test";
import { localTime, newId } from "../../static/clock.js";

const FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("an id is a UUIDv7 of its millisecond", () => {
  const id = newId(0x0190_1234_5678);
  assert.match(id, FORM);
  assert.ok(id.startsWith("01901234-5678-7"));
});

test("ids of one millisecond are all different and in order, even when its counter runs over", () => {
  const ids = Array.from({ length: 10_000 }, () => newId(1_800_000_000_000));
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual([...ids].sort(), ids);
});

test("whatever the clock says, an id is one", () => {
  const clocks = [0, -1, 1, Date.UTC(1970, 0, 1), Date.UTC(2099, 0, 1), 2 ** 48, 1e300, Number.NaN, 1.5];
  const ids = clocks.map((now) => newId(now));
  for (const id of ids) assert.match(id, FORM);
  assert.equal(new Set(ids).size, clocks.length);
});

test("the local time names its offset and is the same moment", () => {
  for (const now of [0, Date.UTC(2026, 10, 21, 10, 2, 11, 123), Date.UTC(2099, 11, 31, 23, 59)]) {
    const said = localTime(now);
    assert.match(said, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/);
    assert.equal(Date.parse(said), now);
  }
});
