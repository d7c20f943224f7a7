// The phone's rules for forms against the vectors that the server's rules run against, too (tests/forms).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { clean, problems, shown } from "../../static/forms/questions.js";

const vectors = JSON.parse(readFileSync(new URL("../forms/vectors.json", import.meta.url), "utf8"));

for (const vector of vectors) {
  test(vector.name, () => {
    assert.deepEqual([...shown(vector.form, vector.answers)], vector.shown);
    assert.deepEqual(problems(vector.form, vector.answers), vector.problems);
    assert.deepEqual(clean(vector.form, vector.answers), vector.clean);
  });
}

test("there are vectors", () => assert.ok(vectors.length > 50));
