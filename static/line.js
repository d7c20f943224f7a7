/**
 * The line to the server: one request, and what its answer means for the queue. "Online" means that our server answered
 * our text; a page of a café's network, a proxy's error and silence are all the same here.
 *
 * @typedef {import("./store.js").PhotoRow} PhotoRow
 * @typedef {{id: string, outcome: "done" | "already" | "not_yet" | "refused", words?: string, at?: string,
 *   reason?: string, fields?: Record<string, string>, answer?: any}} Receipt
 * @typedef {{protocol: number, now?: string, receipts: Receipt[], sections?: Record<string, {hash: string, data: any}>}} Synced
 * @typedef {{kind: "answered", body: any} | {kind: "refused" | "tooBig" | "unreadable" | "fault", words: string}} Answer
 */
export const PROTOCOL = 1;

export const NO_NETWORK = "网络不通,通了会自动发出。";

/** Milliseconds an answer may take; photos get more by their size, down to 4 KB a second. */
const PATIENCE = 60_000;
const BYTES_PER_MS = 4;
/** Characters that every server takes: ours takes a million bytes. */
const SMALL = 50_000;

/** Why sending stops for now: nothing that is sent next would fare better. `after` in milliseconds, 0 if not named. */
export class Halt extends Error {
  /** @param {"signIn" | "update" | "waiting"} phase @param {string} words @param {number} [after] */
  constructor(phase, words, after = 0) {
    super(words);
    this.name = "Halt";
    this.phase = phase;
    this.after = after;
  }
}

export class Line {
  #fetch;
  /** By what the server knows this phone, as the working set told it; a cookie alone may not outlive the browser's death. */
  phone = "";

  /** @param {typeof fetch} [ask] */
  constructor(ask = (...request) => fetch(...request)) {
    this.#fetch = ask;
  }

  /**
   * `POST /sync`; raises `Halt`.
   * @param {any[]} commands
   * @param {Record<string, string>} have
   * @returns {Promise<Answer>} answered: a `Synced`
   */
  async sync(commands, have) {
    const body = JSON.stringify({ protocol: PROTOCOL, commands, have });
    const said = await this.#ask("/sync", "POST", body, { "Content-Type": "application/json" }, PATIENCE);
    if (said.status === 200 && Array.isArray(said.body?.receipts)) return { kind: "answered", body: said.body };
    // Of what is small this is said by somebody in between, and it may have been taken before: it waits.
    if (said.status === 413 && body.length > SMALL) {
      return { kind: "tooBig", words: "这一条内容太大,服务器收不下。请删短一些再发。" };
    }
    // Only in our own words: a proxy that does not understand says nothing about the command.
    if (said.status === 400 && said.body) {
      return { kind: "unreadable", words: "服务器读不懂这一条。请打开核对后再发一次。" };
    }
    if (said.status === 500) return { kind: "fault", words: "服务器出了错,稍后再试。" };
    throw halt(said);
  }

  /**
   * `PUT /sync/photos/{id}`; raises `Halt`.
   * @param {PhotoRow} photo
   * @param {ArrayBuffer} bytes
   * @returns {Promise<Answer>}
   */
  async photo(photo, bytes) {
    const headers = { "Content-Type": photo.type, "Content-Digest": `sha-256=:${photo.digest}:` };
    const patience = PATIENCE + bytes.byteLength / BYTES_PER_MS;
    const said = await this.#ask(`/sync/photos/${photo.id}`, "PUT", bytes, headers, patience);
    if (said.status === 200 && said.body?.id === photo.id && ["done", "already"].includes(said.body.outcome)) {
      return { kind: "answered", body: said.body };
    }
    if (said.status === 413) return { kind: "refused", words: "照片太大,服务器收不下。请重拍或选小一点的。" };
    if (said.status === 409) return { kind: "refused", words: "服务器上这个编号是另一张照片。请重新选这张照片。" };
    if (said.status === 422 && said.body?.outcome === "refused") {
      return { kind: "refused", words: said.body.words || "这张照片服务器没有收。" };
    }
    if ([400, 404, 409, 422, 500].includes(said.status)) return { kind: "fault", words: "这张照片没有传上,稍后再试。" };
    throw halt(said);
  }

  /**
   * @param {string} path
   * @param {"POST" | "PUT"} method
   * @param {string | ArrayBuffer} body
   * @param {Record<string, string>} headers
   * @param {number} patience milliseconds
   */
  async #ask(path, method, body, headers, patience) {
    const limit = deadline(patience);
    try {
      const answer = await this.#fetch(path, {
        method,
        body,
        headers: { ...headers, ...(this.phone && { "Huying-Phone": this.phone }), Accept: "application/json" },
        credentials: "same-origin",
        cache: "no-store",
        redirect: "error",
        signal: limit.signal,
      });
      const text = await answer.text();
      return { status: answer.status, body: json(text), after: Number(answer.headers.get("Retry-After")) * 1000 || 0 };
    } catch {
      // Not sent, not answered, half an answer: nothing is known, so everything is kept.
      return { status: 0, body: null, after: 0 };
    } finally {
      limit.over();
    }
  }
}

/**
 * A signal that ends what takes too long; `over` when it did not.
 * @param {number} patience milliseconds
 */
export function deadline(patience) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), patience);
  return { signal: controller.signal, over: () => clearTimeout(timer) };
}

/** @param {{status: number, after: number}} said */
function halt({ status, after }) {
  if (status === 401) return new Halt("signIn", "登录已过期。没发出的都还在,登录后接着发。");
  if (status === 426) return new Halt("update", "呼应需要更新。没发出的都还在,请关掉再打开一次。");
  if (status === 429) return new Halt("waiting", "发得太快了,稍后自动再发。", after);
  return new Halt("waiting", NO_NETWORK, after);
}

/** @param {string} text */
function json(text) {
  try {
    const value = JSON.parse(text);
    return value !== null && typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
