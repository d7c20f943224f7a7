/** Web push on this device: asked for by a tap, told honestly where it does not work (web/templates/pieces/push.html). */

/** Remembered on this device: subscribing failed, so that nobody is asked again and again. */
const FAILED = "huying-push-failed";
/** A push service that is not reached from here lets one wait for minutes. */
const PATIENCE = 20_000;

/** @typedef {"off" | "busy" | "on" | "denied" | "install" | "fails" | "unable"} Stands */

/** @param {HTMLElement} card */
export async function start(card) {
  card.hidden = false;
  const asked = "pushHere" in card.dataset;
  show(card, await standing(asked).catch(() => /** @type {Stands} */ ("unable")));
  card.querySelector("[data-push-ask]")?.addEventListener("click", async () => {
    show(card, "busy");
    show(card, await ask());
  });
}

/**
 * How it stands, without asking for anything.
 * @param {boolean} asked whether the server tells whoever is signed in on this device
 * @returns {Promise<Stands>}
 */
export async function standing(asked) {
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) {
    return needsInstalling() ? "install" : "unable";
  }
  if (Notification.permission === "denied") return "denied";
  const registration = await navigator.serviceWorker.getRegistration();
  const subscription = await registration?.pushManager.getSubscription();
  if (asked && subscription && Notification.permission === "granted") {
    // The browser may have been given another address meanwhile.
    await keep(subscription);
    return "on";
  }
  return localStorage.getItem(FAILED) ? "fails" : "off";
}

/** After a tap: permission, then the subscription, then the server. @returns {Promise<Stands>} */
export async function ask() {
  if ((await Notification.requestPermission()) !== "granted") return "denied";
  try {
    const [registration, answer] = await Promise.all([navigator.serviceWorker.ready, fetch("/push/key")]);
    const { key } = await answer.json();
    const subscription = await within(
      PATIENCE,
      registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) }),
    );
    await keep(subscription);
    localStorage.removeItem(FAILED);
    return "on";
  } catch {
    localStorage.setItem(FAILED, "1");
    return "fails";
  }
}

/** @param {PushSubscription} subscription */
async function keep(subscription) {
  const { endpoint, keys } = subscription.toJSON();
  const answer = await fetch("/push/devices", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ endpoint, keys }),
  });
  if (!answer.ok) throw new Error(`not kept: ${answer.status}`);
}

/** @param {HTMLElement} card @param {Stands} stands */
function show(card, stands) {
  for (const part of card.querySelectorAll("[data-push-when]")) {
    if (part instanceof HTMLElement) part.hidden = part.dataset.pushWhen !== stands;
  }
  card.dataset.push = stands;
}

/** Safari on a phone pushes to what stands on the home screen alone. */
function needsInstalling() {
  return /iPhone|iPad/.test(navigator.userAgent) && !matchMedia("(display-mode: standalone)").matches;
}

/** @param {string} key base64url */
function bytes(key) {
  const plain = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (one) => one.charCodeAt(0));
}

/**
 * @template Kept
 * @param {number} milliseconds
 * @param {Promise<Kept>} promise
 * @returns {Promise<Kept>}
 */
function within(milliseconds, promise) {
  const late = new Promise((_, refuse) => setTimeout(() => refuse(new Error("too late")), milliseconds));
  return /** @type {Promise<Kept>} */ (Promise.race([promise, late]));
}
