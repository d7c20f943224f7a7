// A server as docs/sync.md describes it, with the faults of a network in front of it. It counts what it was sent.
import { createHash } from "node:crypto";

export const A = { account: "a", key: Buffer.alloc(32, 1).toString("base64"), name: "甲", days: 30 };
export const B = { account: "b", key: Buffer.alloc(32, 2).toString("base64"), name: "乙", days: 30 };
export const NOBODY = { account: null };

export class Server {
  /** Commands and photos that are stored, by id, with how often a change was made for them. */
  rows = new Map();
  photos = new Map();
  requests = [];
  /** Who has the session. */
  me = NOBODY;
  sections = {};
  /** Whether the phone has its cookie. */
  known = true;
  /** Called before each request; may name a fault. */
  fault = () => null;
  /** Called for each command; may name an outcome other than done. */
  judge = () => null;

  fetch = async (path, { method, headers, body, signal }) => {
    const request = { path, method, headers, body };
    this.requests.push(request);
    const fault = this.fault(request, this.requests.length - 1);
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) throw new DOMException("aborted", "AbortError");
    if (fault === "unsent") throw new TypeError("Failed to fetch");
    if (fault === "portal") return new Response("<html>请登录无线网</html>", { status: 200 });
    if (typeof fault === "number") return new Response(JSON.stringify({ detail: "" }), { status: fault });
    const answer = path === "/sync" ? this.#sync(JSON.parse(body), fault) : this.#photo(path, headers, body);
    if (["lost", "half"].includes(fault)) throw new TypeError("Failed to fetch");
    const text = JSON.stringify(answer.body);
    return new Response(fault === "cut" ? text.slice(0, text.length / 2) : text, { status: answer.status ?? 200 });
  };

  commandIds() {
    return [...this.rows.keys()];
  }

  #sync({ protocol, commands, have }, fault) {
    const knew = this.known;
    if (protocol !== 1 || commands.length > 50) return { status: 400, body: { detail: "?" } };
    if (commands.some(({ data }) => data.poison)) return { status: 500, body: {} };
    if (commands.some(({ data }) => data.unreadable)) return { status: 400, body: { detail: "?" } };
    if (Buffer.byteLength(JSON.stringify(commands)) > 1_000_000) return { status: 413, body: {} };
    if (this.me.account === null && commands.some(({ account }) => account)) return { status: 401, body: {} };
    const taken = fault === "half" ? commands.slice(0, commands.length / 2) : commands;
    const receipts = taken.map((command) => this.#receipt(command));
    this.known = true;
    const sections = {};
    const me = { ...this.me, phone: knew ? "the phone's token" : null };
    for (const [name, data] of Object.entries({ ...this.sections, me })) {
      const hash = createHash("sha256").update(JSON.stringify(data)).digest("hex").slice(0, 16);
      if (have[name] !== hash) sections[name] = { hash, data };
    }
    return { body: { protocol: 1, now: "2026-11-21T10:02:12Z", receipts, sections } };
  }

  #receipt(command) {
    const { id, account } = command;
    if (!this.known && account === null) return { id, outcome: "not_yet", reason: "no_cookie", words: "认这台手机" };
    const content = JSON.stringify(command);
    const row = this.rows.get(id);
    if (row) return row === content ? { id, outcome: "already", answer: {} } : { id, outcome: "refused", words: "重复" };
    if (account !== null && account !== this.me.account) return { id, outcome: "not_yet", words: "别的账号" };
    const outcome = this.judge(command);
    if (outcome) return { id, outcome, words: "原因" };
    this.rows.set(id, content);
    return { id, outcome: "done", words: "已收到", answer: { number: String(this.rows.size) } };
  }

  #photo(path, headers, body) {
    const id = path.split("/").at(-1);
    const digest = createHash("sha256").update(Buffer.from(body)).digest("base64");
    if (headers["Content-Digest"] !== `sha-256=:${digest}:`) return { status: 422, body: { detail: "digest" } };
    const kept = this.photos.get(id);
    if (kept && kept !== digest) return { status: 409, body: {} };
    const refused = this.judge({ id, photo: true });
    if (refused === "not_yet") return { status: 503, body: {} };
    if (refused) return { status: 422, body: { outcome: "refused", words: "不是照片" } };
    this.photos.set(id, digest);
    return { body: { id, outcome: kept ? "already" : "done" } };
  }
}
