// What is due today is counted from what lies on the phone; what was done here counts as done, and nobody is named.
import assert from "node:assert/strict";
import { test } from "node:test";

const { due } = await import("../../static/phone/due.js");

const NOW = Date.UTC(2026, 10, 27, 2, 0); // ten in the morning in Beijing
const task = (id, to_day) => ({ id, to_day });
const home = (id, more) => ({ id, next_visit_on: null, care: [], ...more });

test("rounds, households and cases of today are said, the cases first", () => {
  const kept = {
    round: { tasks: [task("a", "2026-11-27"), task("b", "2026-11-20"), task("c", "2026-11-30")] },
    households: [
      home("d", { next_visit_on: "2026-11-27" }),
      home("e", { care: [{ mine: true, due_at: "2026-11-27T10:00:00Z" }] }),
      home("f", { care: [{ mine: false, due_at: "2026-11-27T10:00:00Z" }] }),
      home("g", { next_visit_on: "2026-12-27" }),
      { id: "h", next_visit_on: null },
    ],
    unit: [
      { number: "1", due_at: "2026-11-27T10:00:00Z" },
      { number: "2", due_at: null },
    ],
  };
  assert.deepEqual(due(kept, [], NOW), { words: "1 件单子到期,2 处要巡查,2 户要联系", href: "/unit" });
});

test("what was done here and waits to be sent is not due", () => {
  const kept = {
    round: { tasks: [task("a", "2026-11-27")] },
    households: [home("d", { next_visit_on: "2026-11-27" })],
  };
  const unsent = [
    { verb: "visit", data: { task: "a" } },
    { verb: "contact", data: { household: "d" } },
  ];
  assert.equal(due(kept, unsent, NOW), null);
  assert.deepEqual(due(kept, unsent.slice(1), NOW), { words: "1 处要巡查", href: "/round" });
});

test("where nothing lies here nothing is said", () => {
  assert.equal(due({ round: null, unit: null, households: null }, [], NOW), null);
  assert.equal(due({}, [], NOW), null);
});

test("days are those of Beijing", () => {
  const late = Date.UTC(2026, 10, 27, 17, 0); // already the 28th there
  const kept = { households: [home("d", { next_visit_on: "2026-11-28" })] };
  assert.deepEqual(due(kept, [], late), { words: "1 户要联系", href: "/households" });
  assert.equal(due(kept, [], NOW), null);
});
