/**
 * Live pages. One tab of the browser holds the stream (`/live`) and passes on what it hears; a part of a page that says
 * what it shows (`data-live="inbox case:…"`) is fetched again when that changed. See docs/live.md.
 *
 * What somebody is typing is never touched, nothing moves under a finger, and a hidden tab waits until it is looked at.
 */
import { badge } from "../phone/badge.js";
import { morph, typed } from "./live-part.js";
import { concerns, EVERYTHING, listen } from "./live-stream.js";
import { show } from "./unread.js";

/** Milliseconds within which many browsers spread their fetching. */
const SPREAD = 2000;
const LEAST = 500;
/** So long nobody has touched the page before anything on it moves. */
const STILL = 2500;

/** Whether the page is one of the phone's own, which does not know who is signed in. */
const SHELL = () => {
  const place = document.querySelector("[data-sync]");
  return place instanceof HTMLElement && place.dataset.who === undefined;
};

/** @type {Set<string>} */
const waiting = new Set();
let touched = Number.NEGATIVE_INFINITY;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {string[]} names */
function hear(names) {
  for (const name of names) waiting.add(name);
  plan(LEAST + Math.random() * SPREAD);
}

/** @param {number} pause */
function plan(pause) {
  if (timer !== undefined || document.hidden || !waiting.size) return;
  timer = setTimeout(() => {
    timer = undefined;
    refresh().catch(() => {});
  }, pause);
}

async function refresh() {
  if (document.hidden) return;
  const still = STILL - (performance.now() - touched);
  if (still > 0) {
    plan(still);
    return;
  }
  const names = [...waiting];
  waiting.clear();
  const parts = [...document.querySelectorAll("[data-live]")].filter(
    (part) => part instanceof HTMLElement && concerns(part.dataset.live ?? "", names),
  );
  if (parts.length) await fetched(/** @type {HTMLElement[]} */ (parts));
  else if (SHELL()) await synced();
  else if (names.includes("inbox") || names.includes(EVERYTHING)) await counted();
}

/** @param {HTMLElement[]} parts */
async function fetched(parts) {
  const address = location.href;
  const answer = await fetch(address, { headers: { Accept: "text/html", "HX-Request": "true" } });
  // The person has gone on, or may no longer see it: what is here stays, and says the rest when it is touched.
  if (address !== location.href || !answer.ok || answer.redirected) return;
  unread(answer);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of parts) morph(part, fresh, typed(part));
}

/** Only the number of unread notices. */
async function counted() {
  const answer = await fetch("/inbox/unread", { headers: { Accept: "application/json" } });
  if (answer.ok && !answer.redirected) told((await answer.json()).unread);
}

/** @param {Response} answer */
function unread(answer) {
  const said = answer.headers.get("huying-unread");
  if (said !== null) told(Number(said));
}

/** @param {number} count */
function told(count) {
  show(count);
  badge({ unread: count });
}

/** A page that comes from the phone shows what lies there: that is fetched, and the page draws it. */
async function synced() {
  const { thePhone } = await import("../phone/open.js");
  await thePhone().dispatch.send();
  await (await import("../phone/unread.js")).unread();
}

/** Begins on a page of whoever is signed in. */
export function begin() {
  for (const kind of ["pointerdown", "keydown", "scroll", "input"]) {
    document.addEventListener(kind, touch, { capture: true, passive: true });
  }
  document.addEventListener("visibilitychange", () => plan(LEAST));
  let end = listen(hear);
  // A page that the browser keeps for going back holds no stream; when it is shown again all may have changed.
  window.addEventListener("pagehide", () => end());
  window.addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    end = listen(hear);
    hear([EVERYTHING]);
  });
}

function touch() {
  touched = performance.now();
}
