// The phone's rules for checklists against the vectors that the server's rules run against, too (tests/forms).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DEFAULTS, failed, problems, shown } from "../../static/forms/checklist.js";

const vectors = JSON.parse(readFileSync(new URL("../forms/checklist_vectors.json", import.meta.url), "utf8"));

for (const vector of vectors) {
  test(vector.name, () => {
    assert.deepEqual([...shown(vector.items, vector.answers)], vector.shown);
    assert.deepEqual(failed(vector.items, vector.answers), vector.failed);
    assert.deepEqual(problems(vector.items, vector.answers, vector.photos), vector.problems);
  });
}

test("there are vectors", () => assert.ok(vectors.length > 30));

test("what an item leaves out is what the server takes for it", () => {
  const source = readFileSync(new URL("../../server/forms/checklists.py", import.meta.url), "utf8");
  assert.ok(source.includes(`OUTCOMES = (${DEFAULTS.outcomes.map((one) => `"${one}"`).join(", ")})`));
  assert.ok(source.includes(`RECTIFY_DAYS = ${DEFAULTS.rectify_days}\n`));
});
