/** The page that stands in while nothing answers: looks as chosen on this device, and goes on by itself. */

const PAUSE = 15_000;

const look = decodeURIComponent(/(?:^|; )huying_look=([^;]*)/.exec(document.cookie)?.[1] ?? "").split(" ");
const root = document.documentElement;
const theme = look.find((word) => word === "light" || word === "dark");
if (theme) root.dataset.theme = theme;
root.toggleAttribute("data-elder", look.includes("elder"));

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
