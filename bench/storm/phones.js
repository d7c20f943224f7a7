// The phones of a storm: the real modules over fake storage, against the real server, through faults drawn from a seed.
// Reads one plan a line, writes one outcome a line; what it asks the district to do goes the same way. See __main__.py.
import readline from "node:readline";
import { Life } from "./life.js";
import { arrived } from "./wire.js";

/** Mulberry32: the same numbers for the same seed. */
function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const answers = [];

/** Has the district do something; when it is done. */
function ask(what) {
  return new Promise((done) => {
    answers.push(done);
    say({ ask: what });
  });
}

async function storm({ seed, phones, faults, pause }) {
  const weather = { faults, pause };
  const met = {};
  const lives = phones.map((plan, at) => new Life(plan, chance(seed * 131 + at), weather, met, ask));
  await Promise.all(lives.map((life) => life.live()));
  weather.faults = 0;
  await arrived();
  await ask({});
  const outcomes = [];
  for (const life of lives) outcomes.push(await life.end());
  return { seed, met, outcomes };
}

let before = Promise.resolve();
for await (const line of readline.createInterface({ input: process.stdin })) {
  const heard = JSON.parse(line);
  if (heard.done) answers.shift()();
  else
    before = before
      .then(() => storm(heard))
      .catch((error) => ({ seed: heard.seed, broke: String(error.stack) }))
      .then(say);
}
await before;
process.exit(0);
