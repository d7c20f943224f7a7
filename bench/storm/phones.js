// The phones of a storm: the real modules over fake storage, against the real server, through faults drawn from a seed.
// Reads one plan a line, writes one outcome a line; bench/storm/__main__.py makes the plans and judges the outcomes.
import http from "node:http";
import readline from "node:readline";
import { newId } from "../../static/clock.js";
import { drain, fresh, mortal, tab } from "../../tests/static/phones.js";

const PHOTO = Buffer.from(process.env.STORM_PHOTO, "base64");
const HOST = new URL(process.env.STORM_SERVER);
const DEVICE = "d";
/** A bug that is planted in the phone: "delete" before the receipt came, or a "retry" with a new id. */
const PLANT = process.env.STORM_PLANT;
/** How many passes a queue may take once the faults have stopped. */
const PASSES = 12;

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

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** One request over a socket of its own; `cut`: it ends in the middle of the body. */
function call(path, { method, headers, body }, cookie, cut = false) {
  return new Promise((done, fail) => {
    const bytes = Buffer.from(body instanceof ArrayBuffer ? new Uint8Array(body) : (body ?? ""));
    const asked = http.request({
      host: HOST.hostname,
      port: HOST.port,
      path,
      method,
      agent: false,
      headers: {
        ...headers,
        Cookie: cookie,
        "Content-Length": bytes.length,
        "Sec-Fetch-Site": "same-origin",
        // Each phone has an address of its own: the limits for one address are not what is tried here.
        "X-Forwarded-For": addressOf(cookie),
      },
    });
    asked.on("error", () => fail(new TypeError("Failed to fetch")));
    asked.on("response", (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("error", () => fail(new TypeError("Failed to fetch")));
      answer.on("end", () => {
        const nothing = [204, 304].includes(answer.statusCode);
        done(new Response(nothing ? null : Buffer.concat(parts), { status: answer.statusCode }));
      });
    });
    if (!cut) return asked.end(bytes);
    asked.write(bytes.subarray(0, Math.floor(bytes.length / 2)));
    setTimeout(() => asked.destroy(new Error("cut")), 5);
  });
}

/** An address for a phone, by its cookie. */
function addressOf(cookie) {
  const sum = [...cookie].reduce((total, one) => (total * 31 + one.charCodeAt(0)) % 16_777_216, 7);
  return `10.${(sum >> 16) & 255}.${(sum >> 8) & 255}.${sum & 255}`;
}

/** The network of one phone. `weather.faults` is how likely a request meets one. */
class Network {
  constructor(token, device, draw, weather, met) {
    Object.assign(this, { token, device, draw, weather, met });
  }

  fetch = async (path, request) => {
    const cookie = `huying=${this.token}; huying_device=${this.device}`;
    if (PLANT === "retry" && path === "/sync") return this.#anew(path, request, cookie);
    if (this.draw() >= this.weather.faults) return call(path, request, cookie);
    const faults = ["unsent", "lost", "cut", "double", "late", "502", "500", "413", "401", "signed out", "portal"];
    const fault = faults[Math.floor(this.draw() * faults.length)];
    this.met[fault] = (this.met[fault] ?? 0) + 1;
    if (fault === "unsent" && PLANT === "delete" && path === "/sync") return taken(request);
    if (fault === "unsent") throw new TypeError("Failed to fetch");
    if (fault === "cut") return call(path, request, cookie, true);
    if (fault === "portal") return new Response("<html>请登录无线网</html>", { status: 200 });
    if (/^\d+$/.test(fault)) return new Response(JSON.stringify({ detail: "" }), { status: Number(fault) });
    if (fault === "signed out") return call(path, request, `huying_device=${this.device}`);
    if (fault === "late") await wait(this.draw() * 60);
    const answer = await call(path, request, cookie);
    if (fault === "lost") throw new TypeError("Failed to fetch");
    return fault === "double" ? call(path, request, cookie) : answer;
  };

  /** As a phone would send that makes a new id for each try; what comes back is told under the old one. */
  async #anew(path, request, cookie) {
    const sent = JSON.parse(request.body);
    const ids = new Map(sent.commands.map(({ id }) => [newId(), id]));
    const commands = sent.commands.map((command, place) => ({ ...command, id: [...ids.keys()][place] }));
    const answer = await call(path, { ...request, body: JSON.stringify({ ...sent, commands }) }, cookie);
    if (this.draw() < this.weather.faults) throw new TypeError("Failed to fetch");
    const said = await answer.json();
    const receipts = said.receipts?.map((one) => ({ ...one, id: ids.get(one.id) ?? one.id }));
    return new Response(JSON.stringify({ ...said, receipts }), { status: answer.status });
  }
}

/** As a phone would see it that deletes before the receipt came: everything is done, and the server knows of nothing. */
function taken({ body }) {
  const receipts = JSON.parse(body).commands.map(({ id }) => ({ id, outcome: "done" }));
  return new Response(JSON.stringify({ protocol: 1, now: new Date().toISOString(), receipts, sections: {} }));
}

/** One phone's life in the storm: deeds, sending, another tab, death and a new start, a clock that is off. */
async function live({ name, token, device, community, marker, deeds }, draw, weather, met) {
  const network = new Network(token, device, draw, weather, met);
  let skew = 0;
  const now = () => Date.now() + skew;
  const saved = [];
  // It is online once, as whoever signs in is: the account and its key come with the first answer.
  const calm = { ...weather, faults: 0 };
  const first = tab(new Network(token, device, draw, calm, met), { name, now });
  await first.dispatch.send({ now: true });
  first.dispatch.stop();
  for (let deed = 0; deed < deeds; deed++) {
    const deadly = draw() < 0.25;
    const death = Math.floor(draw() * 12) + 1;
    const when = draw() < 0.5 ? "before" : "after";
    const { store } = deadly ? mortal(name, death, when) : { store: undefined };
    if (draw() < 0.2) skew = Math.floor((draw() - 0.5) * 20) * 86_400_000;
    const phone = tab(network, { name, now, ...(store && { store }) });
    const other = draw() < 0.3 ? tab(network, { name, now }) : null;
    const text = `${marker} ${deed}`;
    const data = { text, community_id: community, photos: [] };
    try {
      if (draw() < 0.4) {
        const draft = await phone.drafts.open("report");
        const photo = await draft.addPhoto({ bytes: unique(text), type: "image/jpeg" });
        const id = await draft.save(phone.outbox, { verb: "report", data: { ...data, photos: [photo] } });
        saved.push({ id, text, photos: [photo] });
      } else saved.push({ id: await phone.outbox.add({ verb: "report", data }), text, photos: [] });
      const sends = [phone.dispatch.send({ now: true }), other?.dispatch.send({ now: true })];
      await Promise.allSettled(sends);
    } catch {
      // It died; what was not acknowledged may be there or not.
    }
    phone.dispatch.stop();
    other?.dispatch.stop();
  }
  return saved;
}

/** A photo like no other. */
function unique(text) {
  const bytes = Buffer.concat([PHOTO, Buffer.from(text)]);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

async function storm({ seed, phones, community, faults }) {
  const draw = chance(seed);
  const weather = { faults };
  const met = {};
  const lives = phones.map(({ token }, place) => {
    const device = `${DEVICE}${seed}x${place}`.padEnd(43, "0").slice(0, 43);
    return { name: fresh(), token, device, community, marker: `storm ${seed} ${place}`, deeds: 2 + Math.floor(draw() * 4) };
  });
  const saved = await Promise.all(lives.map((life, place) => live(life, chance(seed * 31 + place), weather, met)));
  weather.faults = 0;
  const outcomes = [];
  for (const [place, life] of lives.entries()) {
    const again = tab(new Network(life.token, life.device, draw, weather, met), { name: life.name });
    const began = Date.now();
    const passes = await drain(again, PASSES);
    const list = await again.outbox.list();
    outcomes.push({
      passes: Number.isFinite(passes) ? passes : null,
      took: Date.now() - began,
      saved: saved[place],
      left: list.map(({ id, state, words }) => ({ id, state, words: words ?? "" })),
      photos: (await again.store.photos()).filter(({ command }) => command).map(({ id, command }) => ({ id, command })),
    });
    again.dispatch.stop();
    await again.store.close();
  }
  return { seed, met, outcomes };
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const outcome = await storm(JSON.parse(line)).catch((error) => ({ seed: JSON.parse(line).seed, broke: String(error.stack) }));
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}
process.exit(0);
