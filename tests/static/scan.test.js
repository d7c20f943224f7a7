// What a scanned label says, and nothing else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { codeIn } from "../../static/phone/scan.js";

test("a label's address and a code alone are taken", () => {
  assert.equal(codeIn("https://huying.example/p/3K7QDX80RB"), "3K7QDX80RB");
  assert.equal(codeIn(" http://127.0.0.1:8000/p/3K7QD-X80RB\n"), "3K7QD-X80RB");
  assert.equal(codeIn("3k7qd-x80rb"), "3k7qd-x80rb");
});

test("what is no label leads nowhere", () => {
  for (const text of [
    "",
    "https://huying.example/report?c=440300001001",
    "https://huying.example/p/",
    "https://huying.example/p/3K7QDX80RB/../../admin",
    "javascript:alert(1)/p/3K7QDX80RB",
    "WIFI:S:home;T:WPA;P:secret;;",
    "3K7QDX80RB3K7QDX80RB",
  ]) {
    assert.equal(codeIn(text), "", text);
  }
});
