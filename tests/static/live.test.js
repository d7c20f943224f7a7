// One stream for all tabs: who holds it, what the others hear, what happens when it breaks or its tab is closed.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

const { concerns, listen } = await import("../../static/js/live-stream.js");

/** A browser: a lock that one tab holds at a time, channels among tabs, streams that can be made to speak. */
function browser() {
  const streams = [];
  const queue = [];
  const channels = new Set();
  let now = 0;
  let held = false;

  function next() {
    if (held || !queue.length) return;
    held = true;
    const { work, done } = queue.shift();
    Promise.resolve(work()).then(() => {
      held = false;
      done();
      next();
    });
  }

  const locks = { request: (_, work) => new Promise((done) => queue.push({ work, done }) && next()) };
  function channel() {
    const one = {
      onmessage: null,
      postMessage: (data) => {
        for (const other of channels) if (other !== one) queueMicrotask(() => other.onmessage?.({ data }));
      },
      close: () => channels.delete(one),
    };
    channels.add(one);
    return one;
  }
  function open(url) {
    const stream = { url, readyState: 1, closed: false, close: () => Object.assign(stream, { closed: true, readyState: 2 }) };
    streams.push(stream);
    return stream;
  }
  return {
    streams,
    pass: (milliseconds) => {
      now += milliseconds;
    },
    tab: (over = {}) => {
      const heard = [];
      const born = now;
      const end = listen((names) => heard.push(...names), { open, locks, channel, now: () => now - born, ...over });
      ends.push(end);
      return { heard, end };
    },
  };
}

const ends = [];
const settled = () => new Promise((go) => setTimeout(go, 5));
const say = (stream, ...names) => stream.onmessage({ data: JSON.stringify(names) });

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

test("two tabs have one stream, and both hear", async () => {
  const here = browser();
  const [one, other] = [here.tab(), here.tab()];
  await settled();
  assert.equal(here.streams.length, 1);
  assert.match(here.streams[0].url, /^\/live\?age=0\.0$/);
  say(here.streams[0], "inbox", "case:1");
  await settled();
  assert.deepEqual(one.heard, ["inbox", "case:1"]);
  assert.deepEqual(other.heard, ["inbox", "case:1"]);
});

test("when the tab that holds it is closed another takes over, and does not know what it missed", async () => {
  const here = browser();
  const [one, other] = [here.tab(), here.tab()];
  await settled();
  // Long enough that nobody can say what was heard between the two.
  await new Promise((go) => setTimeout(go, 1050));
  one.end();
  await settled();
  assert.equal(here.streams.length, 2);
  assert.equal(here.streams[0].closed, true);
  assert.equal(here.streams[1].url, "/live");
  say(here.streams[1], "*");
  assert.deepEqual(other.heard, ["*"]);
});

test("a tab that is opened later hears what came while its page was on its way", async () => {
  const here = browser();
  const one = here.tab();
  await settled();
  here.pass(1_000);
  say(here.streams[0], "case:early");
  here.pass(9_000);
  say(here.streams[0], "case:late");
  here.pass(500);
  const other = here.tab();
  await settled();
  assert.deepEqual(other.heard, ["case:late"]);
  assert.deepEqual(one.heard, ["case:early", "case:late"]);
});

test("a stream that is opened again says that everything may have changed", async () => {
  const here = browser();
  const one = here.tab();
  await settled();
  const [stream] = here.streams;
  stream.onopen();
  assert.deepEqual(one.heard, []);
  stream.readyState = 0;
  stream.onerror();
  stream.onopen();
  assert.deepEqual(one.heard, ["*"]);
});

test("one that was refused is asked for again, with patience", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const here = browser();
  here.tab({ locks: undefined });
  const [stream] = here.streams;
  stream.readyState = 2;
  stream.onerror();
  context.mock.timers.tick(14_000);
  assert.equal(here.streams.length, 1);
  context.mock.timers.tick(20_000);
  assert.equal(here.streams.length, 2);
  here.streams[1].readyState = 2;
  here.streams[1].onerror();
  context.mock.timers.tick(29_000);
  assert.equal(here.streams.length, 2);
});

test("where tabs cannot talk to each other each has its own", async () => {
  const here = browser();
  here.tab({ channel: () => null });
  here.tab({ channel: () => null });
  await settled();
  assert.equal(here.streams.length, 2);
});

test("a part is fetched again when what it shows has changed, and only then", () => {
  assert.ok(concerns("case:1", ["case:1"]));
  assert.ok(!concerns("case:1", ["case:2", "inbox"]));
  assert.ok(concerns("cases", ["case:2"]));
  assert.ok(!concerns("cases", ["inbox"]));
  assert.ok(concerns("inbox cases", ["inbox"]));
  assert.ok(concerns("case:1", ["*"]));
});
