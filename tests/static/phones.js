// A phone for tests: its modules over a storage of its own, a tab of it, and the end of it between two steps.
import "./browser.js";

export const { Store, Full, Gone, Outdated } = await import("../../static/store.js");
export const { STEPS } = await import("../../static/schema.js");
export const { Dispatch, LONGEST } = await import("../../static/dispatch.js");
export const { Outbox, STATES } = await import("../../static/outbox.js");
export const { Drafts } = await import("../../static/drafts.js");
export const { Line } = await import("../../static/line.js");
export const sealing = await import("../../static/sealing.js");
export const { fresh } = await import("./browser.js");

const open = new Set();

/** Another tab of a phone, or the phone started again: pass the name of its storage. */
export function tab(server, { name = fresh(), locks = null, now = Date.now, store = new Store(name) } = {}) {
  const dispatch = new Dispatch(store, { line: new Line(server.fetch), locks, now });
  const outbox = new Outbox(store, dispatch, now);
  const drafts = new Drafts(store, now);
  const made = { name, store, dispatch, outbox, drafts };
  open.add(made);
  return made;
}

/** Ends everything that a test has opened. */
export async function shut() {
  for (const { dispatch, store } of open) {
    dispatch.stop();
    await store.close();
  }
  open.clear();
}

/** Sends until nothing is left that only needs time, at most `passes` times; how many it took. */
export async function drain({ dispatch, outbox }, passes = 20) {
  for (let pass = 1; pass <= passes; pass++) {
    await dispatch.send({ now: true });
    const list = await outbox.list();
    if (list.every(({ state }) => state === "need")) return pass;
  }
  return Number.POSITIVE_INFINITY;
}

/** Saves without sending. */
export async function quietly({ dispatch }, body) {
  const soon = dispatch.soon;
  dispatch.soon = () => {};
  try {
    return await body();
  } finally {
    dispatch.soon = soon;
  }
}

export class Killed extends Error {}

/**
 * A store whose phone dies at the n-th of its steps: before it took effect or after. From then on nothing works.
 * `at` Infinity counts only; see `steps`.
 */
export function mortal(name, at, when) {
  const store = new Store(name);
  const life = { steps: 0, dead: false };
  const proxy = new Proxy(store, {
    get(target, property) {
      const member = target[property];
      if (typeof member !== "function") return member;
      if (property === "close") return () => target.close();
      return async (...values) => {
        if (life.dead) throw new Killed();
        life.steps += 1;
        const last = life.steps === at;
        if (last && when === "before") {
          life.dead = true;
          throw new Killed();
        }
        const result = await member.apply(target, values);
        if (last || life.dead) {
          life.dead = true;
          throw new Killed();
        }
        return result;
      };
    },
  });
  return { store: proxy, life };
}

/** Bytes that tell one photo from another. */
export function picture(number, size = 100) {
  const bytes = new Uint8Array(size).fill(number);
  bytes[0] = number >> 8;
  return bytes.buffer;
}

export function report(text, more = {}) {
  return { verb: "report", data: { text, photos: [], ...more } };
}
