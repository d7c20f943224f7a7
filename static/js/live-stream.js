/**
 * One stream for all tabs of a browser: the tab that holds the lock opens it and passes on what it hears. Where tabs
 * cannot talk to each other, each has its own. See docs/live.md.
 */
const NAME = "huying-live";
export const EVERYTHING = "*";
/** So long what was heard is remembered for a tab that was opened meanwhile. */
const REMEMBERED = 60_000;

/** The first and the longest pause before a stream that was refused is asked for again. */
const PATIENCE = 15_000;
const LONGEST = 600_000;
const CLOSED = 2;

/**
 * @typedef {object} World what it needs of the browser; tests bring their own
 * @property {(url: string) => EventSource} open
 * @property {LockManager | undefined} locks
 * @property {() => BroadcastChannel | null} channel
 * @property {() => number} now milliseconds since the page was made
 */

/** @returns {World} */
const browser = () => ({
  open: (url) => new EventSource(url),
  locks: navigator.locks,
  channel: () => ("BroadcastChannel" in window ? new BroadcastChannel(NAME) : null),
  now: () => performance.now(),
});

/**
 * Listens: alone where tabs cannot talk to each other, else in one tab for all of them.
 * @param {(names: string[]) => void} hear
 * @param {World} world
 * @returns {() => void} ends it
 */
export function listen(hear, world = browser()) {
  const channel = world.channel();
  /** @type {EventSource | null} */
  let stream = null;
  /** @type {{at: number, names: string[]}[]} */
  let heard = [];
  let ended = false;
  let pause = PATIENCE;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let again;
  /** @type {(nothing?: unknown) => void} */
  let letGo = () => {};

  /** @param {string[]} names */
  const tell = (names) => {
    const at = world.now();
    heard = [...heard.filter((one) => at - one.at < REMEMBERED), { at, names }];
    channel?.postMessage({ names });
    hear(names);
  };

  /** @param {number} age seconds; not a number where it was another tab's turn before: nobody knows what was missed */
  const hold = (age) => {
    const opened = world.open(Number.isNaN(age) ? "/live" : `/live?age=${Math.max(0, age).toFixed(1)}`);
    stream = opened;
    let first = true;
    opened.onmessage = ({ data }) => tell(JSON.parse(data));
    opened.onopen = () => {
      // The address says how old the page was; when the stream is opened again that is no longer so.
      if (!first) tell([EVERYTHING]);
      first = false;
      pause = PATIENCE;
    };
    opened.onerror = () => {
      first = false;
      // The browser tries again by itself unless it was refused: signed out, too many, a server that is being restarted.
      if (opened.readyState !== CLOSED || ended) return;
      again = setTimeout(() => hold(Number.NaN), pause * (1 + Math.random()));
      pause = Math.min(pause * 2, LONGEST);
    };
  };

  if (!channel || !world.locks) {
    hold(world.now() / 1000);
  } else {
    channel.onmessage = ({ data }) => {
      if (data.names) hear(data.names);
      else if (stream && data.age !== undefined) {
        const since = world.now() - data.age - 1000;
        const names = heard.filter(({ at }) => at >= since).flatMap((one) => one.names);
        if (names.length) channel.postMessage({ names: [...new Set(names)] });
      }
    };
    let waited = false;
    channel.postMessage({ age: world.now() });
    const first = setTimeout(() => {
      waited = true;
    }, 1000);
    world.locks
      .request(NAME, () => {
        clearTimeout(first);
        if (ended) return undefined;
        hold(waited ? Number.NaN : world.now() / 1000);
        return new Promise((done) => {
          letGo = done;
        });
      })
      .catch(() => {});
  }
  return () => {
    ended = true;
    clearTimeout(again);
    stream?.close();
    channel?.close();
    letGo();
  };
}

/** Whether something that shows `shown` has to be fetched again. @param {string} shown @param {Iterable<string>} names */
export function concerns(shown, names) {
  const own = shown.split(" ");
  return [...names].some(
    (name) => name === EVERYTHING || own.includes(name) || (own.includes("cases") && name.startsWith("case:")),
  );
}
