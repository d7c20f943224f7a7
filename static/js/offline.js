/** The page that stands in while nothing answers: goes on by itself. */

const PAUSE = 15_000;

const said = document.querySelector("[data-again-said]");
document.querySelector("[data-again]")?.addEventListener("click", async () => {
  if (said) said.textContent = "正在试……";
  // Whoever asks again waits for the network as long as it takes (service-worker.js).
  if (!(await goOn()) && said) said.textContent = "还是没有连上。换个信号好的地方再试。";
});
window.addEventListener("online", goOn);
setInterval(() => document.visibilityState === "visible" && goOn(), PAUSE);

/** Online means that our server answered, whatever the phone believes. */
async function goOn() {
  try {
    const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(PAUSE) });
    if (!answer.ok) return false;
    location.reload();
    return true;
  } catch {
    return false;
  }
}
