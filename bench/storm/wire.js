// The wire between a phone of the storm and the server: a socket for each request, and the faults that a request meets.
import http from "node:http";
import { newId } from "../../static/clock.js";

const HOST = new URL(process.env.STORM_SERVER);
/** A bug that is planted in the phone: "delete" before the receipt came, or a "retry" with a new id. */
const PLANT = process.env.STORM_PLANT;

const FAULTS = [
  ...["unsent", "lost", "cut", "double", "late", "overtaken"],
  ...["502", "500", "413", "401", "signed out", "portal"],
];

export const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Requests whose phone has given up, and that arrive all the same: after those that it sent later. */
const overtaken = new Set();

/** Everything that is still on its way has arrived. */
export async function arrived() {
  while (overtaken.size) await Promise.all(overtaken);
}

/** One request over a socket of its own; `cut`: it ends in the middle of the body. */
export function call(path, { method, headers, body }, cookie, cut = false) {
  return new Promise((done, fail) => {
    const bytes = Buffer.from(body instanceof ArrayBuffer ? new Uint8Array(body) : (body ?? ""));
    const asked = http.request({
      host: HOST.hostname,
      port: HOST.port,
      path,
      method,
      agent: false,
      timeout: 20_000,
      headers: {
        ...headers,
        Cookie: cookie,
        "Content-Length": bytes.length,
        "Sec-Fetch-Site": "same-origin",
        // Each phone has an address of its own: the limits for one address are not what is tried here.
        "X-Forwarded-For": addressOf(cookie),
      },
    });
    const failed = () => fail(new TypeError("Failed to fetch"));
    asked.on("timeout", () => asked.destroy(new Error("silent")));
    asked.on("error", failed);
    asked.on("response", (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("error", failed);
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
  const device = /huying_device=(\S+)/.exec(cookie)?.[1] ?? cookie;
  const sum = [...device].reduce((total, one) => (total * 31 + one.charCodeAt(0)) % 16_777_216, 7);
  return `10.${(sum >> 16) & 255}.${(sum >> 8) & 255}.${sum & 255}`;
}

/**
 * The network of one phone. `weather.faults` is how likely a request meets one; `token` is the session's cookie, empty
 * where nobody is signed in.
 */
export class Network {
  constructor(token, device, draw, weather, met) {
    Object.assign(this, { token, device, draw, weather, met });
  }

  get cookie() {
    return `${this.token ? `huying=${this.token}; ` : ""}huying_device=${this.device}`;
  }

  fetch = async (path, request) => {
    const { cookie } = this;
    if (PLANT === "retry" && path === "/sync") return this.#anew(path, request, cookie);
    if (this.draw() >= this.weather.faults) return call(path, request, cookie);
    const fault = FAULTS[Math.floor(this.draw() * FAULTS.length)];
    this.met[fault] = (this.met[fault] ?? 0) + 1;
    if (fault === "unsent" && PLANT === "delete" && path === "/sync") return taken(request);
    if (fault === "unsent") throw new TypeError("Failed to fetch");
    if (fault === "overtaken") return this.#overtaken(path, request, cookie);
    if (fault === "cut") return call(path, request, cookie, true);
    if (fault === "portal") return new Response("<html>请登录无线网</html>", { status: 200 });
    if (/^\d+$/.test(fault)) return new Response(JSON.stringify({ detail: "" }), { status: Number(fault) });
    if (fault === "signed out") return call(path, request, `huying_device=${this.device}`);
    if (fault === "late") await wait(this.draw() * 60);
    const answer = await call(path, request, cookie);
    if (fault === "lost") throw new TypeError("Failed to fetch");
    return fault === "double" ? call(path, request, cookie) : answer;
  };

  /** The phone hears nothing and goes on; the request comes when later ones have come. */
  #overtaken(path, request, cookie) {
    const coming = wait(20 + this.draw() * 150)
      .then(() => call(path, request, cookie))
      .catch(() => {})
      .finally(() => overtaken.delete(coming));
    overtaken.add(coming);
    throw new TypeError("Failed to fetch");
  }

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
