/** The second half of the service worker: what is pushed is shown. Served with the first (web/pages/pwa/worker.py). */

/** A push says what there is and where it leads; nothing of anybody. Each id is shown once, however often it comes. */
self.addEventListener("push", (event) => event.waitUntil(told(event.data)));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.href));
});

async function told(data) {
  const message = read(data);
  if (message.id && !(await isNew(message.id))) return;
  const unread = await within(PATIENCE, countUnread()).catch(() => null);
  // Signed out here: what there is, is for whoever signs in.
  const { title, words, href } = unread === "out" ? NEWS : message;
  const options = {
    body: words,
    tag: message.tag,
    renotify: true,
    icon: `${prefix}icons/icon-192.png`,
    data: { href },
  };
  await self.registration.showNotification(title, options);
  if (Number.isInteger(unread)) await navigator.setAppBadge?.(unread);
  else if (unread === null) await navigator.setAppBadge?.();
  if (message.id) await sayShown(message.id);
}

const NEWS = { title: "呼应有新消息", words: "打开看看。", href: "/inbox" };

/** What came, or, where it cannot be read, that there is something: a push that shows nothing costs the permission. */
function read(data) {
  try {
    const { id, title, words, href, tag } = data.json();
    return { id, title: title || NEWS.title, words: words ?? "", href: href || NEWS.href, tag: tag ?? "news" };
  } catch {
    return { ...NEWS, tag: "news" };
  }
}

async function countUnread() {
  const answer = await fetch("/inbox/unread", { headers: { Accept: "application/json" }, redirect: "manual" });
  if (answer.status === 401 || answer.type === "opaqueredirect") return "out";
  return answer.ok ? (await answer.json()).unread : null;
}

/** Tells the server, so that no text message follows; without a network it does. */
async function sayShown(id) {
  const body = JSON.stringify({ id });
  await fetch("/push/shown", { method: "POST", headers: { "Content-Type": "application/json" }, body }).catch(() => {});
}

/** The window that shows the page already, else any of ours, else a new one. */
async function open(href) {
  const url = new URL(href || NEWS.href, self.location.origin);
  if (url.origin !== self.location.origin) return;
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((one) => new URL(one.url).pathname === url.pathname);
  if (there) return there.focus();
  const any = windows.find((one) => "navigate" in one);
  const moved = await any?.navigate(url.href).catch(() => null);
  await (moved ? moved.focus() : self.clients.openWindow(url.href));
}

/** Whether an id was not shown yet on this device; the last ones are remembered, nothing else of them. */
async function isNew(id) {
  const database = await new Promise((done, fail) => {
    const asked = indexedDB.open("huying-shown", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("ids");
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  try {
    const store = database.transaction("ids", "readwrite").objectStore("ids");
    const known = await asked(store.get(id));
    if (known) return false;
    await asked(store.put(Date.now(), id));
    // Ids grow with time: the oldest go.
    if ((await asked(store.count())) > 200) await asked(store.delete((await asked(store.getAllKeys(null, 1)))[0]));
    return true;
  } finally {
    database.close();
  }
}

function asked(request) {
  return new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
}
