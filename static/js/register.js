/** Registers the service worker, and offers a new version when nobody is in the middle of something. */
import { busy } from "./busy.js";
import { makeButton, makeIcon } from "./dialog.js";

const GLANCE = 2000;
/** Once a page it is offered for so long; it must not lie over what stands at the bottom for good. */
const STAYS = 12_000;
const HOUR = 3_600_000;

let asked = false;
/** @type {HTMLElement | null} */
let toast = null;
/** When the offer on this page began. */
let since = 0;

if (navigator.serviceWorker) begin();

async function begin() {
  const workers = navigator.serviceWorker;
  const registration = await workers.register("/service-worker.js", { updateViaCache: "none" }).catch(() => null);
  if (!registration) return;
  workers.addEventListener("controllerchange", () => {
    // Another tab may have asked; this one goes on as it is, what it needs is still answered.
    if (asked) location.replace(location.pathname + location.search);
  });
  setInterval(() => offer(registration), GLANCE);
  document.addEventListener("input", () => withdraw());
  // An app that stays open for days asks by itself.
  let last = Date.now();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible" || Date.now() - last < HOUR) return;
    last = Date.now();
    registration.update().catch(() => {});
  });
}

/** @param {ServiceWorkerRegistration} registration */
function offer(registration) {
  const waiting = registration.waiting;
  if (!waiting || !navigator.serviceWorker.controller || busy()) return withdraw();
  if (since && Date.now() - since > STAYS && !toast?.matches(":hover, :focus-within")) return withdraw();
  if (toast?.isConnected || document.visibilityState !== "visible") return;
  since ||= Date.now();
  toast = document.createElement("div");
  toast.className = "toast";
  const words = document.createElement("span");
  words.textContent = "有新版本";
  const update = () => {
    if (busy()) return withdraw();
    asked = true;
    waiting.postMessage("update");
  };
  toast.append(makeIcon("sync"), words, makeButton("更新", "button plain", update));
  document.getElementById("toasts")?.append(toast);
}

function withdraw() {
  toast?.remove();
  toast = null;
}
