/** Keeps the browser's offer to install until somebody asks for it; nobody is asked unasked. */

/** @typedef {Event & {prompt: () => Promise<{outcome: string}>}} InstallPrompt */

/** @type {InstallPrompt | null} */
let offered = null;
/** @type {Set<HTMLElement>} */
const places = new Set();

window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offered = /** @type {InstallPrompt} */ (event);
  show();
});
window.addEventListener("appinstalled", async () => {
  offered = null;
  show();
  const { keepSafe } = await import("./persist.js");
  await keepSafe();
});

/** @param {HTMLElement} place holds the button, hidden until the browser offers */
export function start(place) {
  places.add(place);
  place.querySelector("button")?.addEventListener("click", async () => {
    const prompt = offered;
    offered = null;
    await prompt?.prompt();
    show();
  });
  show();
}

function show() {
  for (const place of places) place.hidden = offered === null;
}
