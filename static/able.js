/** What can be known of this phone before anything of it is loaded: the first visit of a page stays light. */

/** What storage and sealing need; where it is missing (plain http, private windows) a page uses its ordinary form. */
export const ABLE = "indexedDB" in globalThis && globalThis.crypto?.subtle !== undefined;

/** Whether something was ever kept here. A browser that does not tell is taken to say yes. */
export async function known() {
  try {
    return (await indexedDB.databases()).some(({ name }) => name === "huying");
  } catch {
    return true;
  }
}

/** Milliseconds after `load` that a first visit is left in peace. */
export const PEACE = 3000;

/** Milliseconds after which nobody waits for a stroke: a page in the background has none. */
const STROKE = 1000;

/** When the browser has painted what was drawn before. @returns {Promise<void>} */
export function painted() {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, STROKE);
  });
}

/**
 * When the browser has nothing better to do, and at the latest after some milliseconds.
 * @param {() => void} call
 * @param {number} longest
 */
export function idle(call, longest) {
  // Safari has no such thing.
  if ("requestIdleCallback" in globalThis) requestIdleCallback(call, { timeout: longest });
  else setTimeout(call, 200);
}
