/**
 * Keeps the shells and assets of one version at hand, so that Huying opens without a network. Nothing about a person is
 * ever kept here, and a request that changes something passes untouched: the pages own what waits to be sent.
 * The server puts the line that sets `self.given` before this file (web/pages/pwa/worker.py).
 */

/** @type {{version: string, prefix: string, assets: string[], shells: {path: string, pages: string[], under: string[]}[]}} */
const { version, prefix, assets, shells } = self.given;
const OURS = "huying-";
const CACHE = OURS + version;
/** A page that has not begun to come after so many milliseconds gives way to a shell. */
const PATIENCE = 3000;

/** What is answered here, first fit first; everything else is left to the browser. */
const RULES = [
  { fits: (request) => request.mode === "navigate", answer: page },
  { fits: (_, url) => url.pathname.startsWith("/assets/"), answer: asset },
];

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  const rule = RULES.find(({ fits }) => fits(event.request, url));
  if (rule) event.respondWith(rule.answer(event, url));
});

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("message", (event) => {
  // An update waits until a page says that nobody is in the middle of something (static/js/register.js).
  if (event.data === "update") self.skipWaiting();
});

async function fill() {
  const cache = await caches.open(CACHE);
  // Asked for by nobody, so that no shell can hold anything of whoever is signed in.
  const bare = shells.map(({ path }) => new Request(path, { cache: "reload", credentials: "omit" }));
  await cache.addAll([...bare, ...assets]);
}

async function takeOver() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(OURS) && name !== CACHE).map((name) => caches.delete(name)));
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

/**
 * A page: one that lies whole on the phone from there (a basement's network is slower than none); another from the
 * network first, a shell where it does not answer. Nothing that comes is kept.
 */
async function page(event, url) {
  const shell = shellOf(url);
  const whole = shell?.pages.includes(shell.path) && event.request.cache === "default" && (await kept(shell.path));
  if (whole) {
    event.waitUntil(Promise.resolve(event.preloadResponse).catch(() => {}));
    return whole;
  }
  const answer = fromNetwork(event);
  event.waitUntil(answer.catch(() => {}));
  try {
    return await (takesItsTime(event.request, url) ? answer : within(PATIENCE, answer));
  } catch {
    return (await kept((shell ?? shells[0]).path)) ?? answer;
  }
}

async function fromNetwork(event) {
  return (await event.preloadResponse) ?? fetch(event.request);
}

/** Whoever asks again (a reload) waits as long as it takes, on however slow a network; so does who fetches a file. */
function takesItsTime(request, url) {
  return request.cache !== "default" || /\.\w+$/.test(url.pathname);
}

function within(milliseconds, answer) {
  const late = new Promise((_, refuse) => setTimeout(() => refuse(new Error("too late")), milliseconds));
  return Promise.race([answer, late]);
}

function shellOf(url) {
  const path = url.pathname.replace(/(.)\/$/, "$1");
  const fits = ({ pages, under }) => pages.includes(path) || under.some((start) => path.startsWith(start));
  return shells.find(fits);
}

/** An asset: from here where it is, else from the network, and kept if it is of this version. */
async function asset(event, url) {
  const found = await kept(event.request);
  if (found) return found;
  try {
    const answer = await fetch(event.request);
    if (answer.status === 200 && url.pathname.startsWith(prefix)) event.waitUntil(keep(event.request, answer.clone()));
    return answer;
  } catch (error) {
    // A page that was opened before an update asks by the old name: what there is now serves it, as the server would.
    const present = await kept(url.pathname.replace(/^\/assets\/[^/]+\//, prefix));
    if (present) return present;
    throw error;
  }
}

async function kept(request) {
  return (await caches.open(CACHE)).match(request, { ignoreVary: true });
}

async function keep(request, answer) {
  return (await caches.open(CACHE)).put(request, answer);
}
