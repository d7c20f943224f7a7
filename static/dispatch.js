/**
 * When to send: on open, on focus, when the network says it is back, by a timer and by a button; by one tab at a time.
 * Web Locks only save the network a second sending. Correctness rests on receipts, so a browser without them is fine.
 *
 * @typedef {{phase: "idle" | "sending" | "waiting" | "signIn" | "update", words: string, sending: string[],
 *   again: number | null}} Status `again`: when the next try is, milliseconds since 1970
 * @typedef {"queue" | "status"} Change
 */
import { deadline, Halt, Line, NO_NETWORK } from "./line.js";
import { pass } from "./sending.js";

export const LONGEST = 300_000;
const SHORTEST = 5_000;
const LOCK = "huying-send";
/** A tab that sends and is not heard of for so long is asleep; its lock is taken. */
const ASLEEP = 120_000;
/** Looking at the page again tries again, but not at each of many looks. */
const LOOK = 15_000;

/** @type {Status} */
const IDLE = { phase: "idle", words: "", sending: [], again: null };

export class Dispatch {
  /** @type {Status} */
  status = IDLE;
  /** @type {Set<(change: Change) => void>} */
  #listeners = new Set();
  /** @type {Promise<void> | null} */
  #running = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #again = false;
  /** Whether a person asked for this pass, or the network came back. */
  #urged = false;
  #failures = 0;
  #after = 0;
  #tried = Number.NEGATIVE_INFINITY;
  #heard = 0;
  #started = new AbortController();
  /** @type {BroadcastChannel | null} */
  #channel;

  /**
   * @param {import("./store.js").Store} store
   * @param {{line?: Line, locks?: LockManager | null, now?: () => number, random?: () => number}} [phone]
   */
  constructor(store, { line = new Line(), locks = globalThis.navigator?.locks, now = Date.now, random } = {}) {
    this.store = store;
    this.line = line;
    this.locks = locks;
    this.now = now;
    this.random = random ?? Math.random;
    this.#channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(store.name) : null;
    this.#channel?.addEventListener("message", ({ data }) => this.#hear(data));
  }

  /** Calls back when something changed, in this tab or another. @param {(change: Change) => void} listener */
  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Begins to send by itself, at once and whenever there is a chance. */
  start() {
    const { signal } = this.#started;
    const look = () => this.#attempt(LOOK);
    globalThis.addEventListener("online", () => this.send({ now: true }), { signal });
    globalThis.addEventListener("focus", look, { signal });
    globalThis.addEventListener("pageshow", look, { signal });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look(), { signal });
    this.send();
  }

  /** Ends timers, listeners and the talk with other tabs. */
  stop() {
    this.#started.abort();
    clearTimeout(this.#timer);
    this.#channel?.close();
    this.#channel = null;
  }

  /** Something was saved: send it, unless the last try was just now. */
  soon() {
    this.#attempt(this.#failures ? SHORTEST : 0);
  }

  /**
   * Sends everything that waits; what is added meanwhile too. Never raises: how it went is in `status`.
   * @param {{now?: boolean}} [how] now: a person asks or the network is back, so that waiting begins anew
   */
  send({ now = false } = {}) {
    if (now) this.#failures = 0;
    this.#urged = now || (this.#urged && this.#running !== null);
    clearTimeout(this.#timer);
    this.#again = this.#running !== null;
    this.#running ??= this.#turns().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Tells listeners and other tabs. @param {Change} change */
  changed(change) {
    this.#channel?.postMessage({ change, status: this.status });
    for (const listener of this.#listeners) listener(change);
  }

  async #turns() {
    do {
      this.#again = false;
      await this.#alone(() => this.#pass());
    } while (this.#again && this.status.phase === "idle");
    const wait = this.#failures ? this.#backoff() : LONGEST;
    if (this.#started.signal.aborted) return;
    this.#timer = setTimeout(() => this.send(), wait);
    this.#say({ ...this.status, again: this.now() + wait });
  }

  async #pass() {
    this.#tried = performance.now();
    this.#after = 0;
    this.#say({ ...IDLE, phase: "sending" });
    try {
      // Then what waits need not be loaded for nothing. Few browsers say so wrongly; whoever asks has it tried all the same.
      if (globalThis.navigator?.onLine === false && !this.#urged) throw new Halt("waiting", NO_NETWORK);
      const sending = (/** @type {string[]} */ ids) => this.#sending(ids);
      const left = await pass(this.store, this.line, { now: this.now, sending });
      this.#failures = left ? this.#failures + 1 : 0;
      this.#say(left ? { ...IDLE, phase: "waiting", words: `还有 ${left} 条没有发出,稍后自动再发。` } : IDLE);
    } catch (error) {
      this.#failures += 1;
      this.#after = error instanceof Halt ? error.after : 0;
      const words = error instanceof Error ? error.message : "";
      this.#say({ ...IDLE, phase: error instanceof Halt ? error.phase : "waiting", words });
    }
    this.changed("queue");
  }

  /** @param {string[]} ids */
  #sending(ids) {
    this.#say({ ...this.status, sending: ids });
    if (!ids.length) this.changed("queue");
  }

  /** Doubles from five seconds to five minutes, spread so that phones do not come all at once. */
  #backoff() {
    const doubled = SHORTEST * 2 ** Math.min(this.#failures - 1, 10);
    const spread = Math.min(LONGEST, doubled) * (0.5 + this.random() / 2);
    return Math.min(LONGEST, Math.max(spread, this.#after));
  }

  /**
   * One tab at a time. Another tab that is at work is waited for; one that fell asleep over it is not.
   * @param {() => Promise<void>} body
   */
  async #alone(body) {
    if (!this.locks) return body();
    /** @type {Promise<void> | null} */
    let work = null;
    const begin = () => {
      work = body();
      return work;
    };
    while (work === null) {
      const limit = deadline(ASLEEP);
      const asked = performance.now();
      try {
        await this.locks.request(LOCK, { signal: limit.signal }, begin);
      } catch (error) {
        if (work !== null) return work;
        if (!limit.signal.aborted) throw error;
        if (this.#heard > asked) continue;
        await this.locks.request(LOCK, { steal: true }, begin).catch(() => work);
      } finally {
        limit.over();
      }
    }
  }

  /** @param {number} pause milliseconds since the last try that are long enough */
  #attempt(pause) {
    if (this.#running || performance.now() - this.#tried >= pause) this.send();
  }

  /** @param {{change: Change, status: Status}} said */
  #hear({ change, status }) {
    this.#heard = performance.now();
    // What another tab is sending is shown here, too, as long as this one does nothing.
    if (!this.#running) this.status = { ...status, again: this.status.again };
    for (const listener of this.#listeners) listener(change);
  }

  /** @param {Status} status */
  #say(status) {
    this.status = status;
    this.changed("status");
  }
}
