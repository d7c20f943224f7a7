/** What the browser promises about what Huying keeps on this phone, and how much room there is. */

/** From this share of the room on something is said. */
const TIGHT = 0.8;

/**
 * Asks the browser never to clear what Huying keeps here. For the right moment: after installing, or after the first
 * thing was saved on the phone; some browsers ask the person.
 * @returns {Promise<"kept" | "not_kept" | "unknown">}
 */
export async function keepSafe() {
  const { storage } = navigator;
  if (!storage?.persist) return "unknown";
  try {
    return (await storage.persisted()) || (await storage.persist()) ? "kept" : "not_kept";
  } catch {
    return "unknown";
  }
}

/**
 * How it stands, without asking for anything.
 * @returns {Promise<{answer: "kept" | "not_kept" | "unknown", share: number}>} share of the room that is used, 0 to 1
 */
export async function standing() {
  const { storage } = navigator;
  if (!storage?.persisted) return { answer: "unknown", share: 0 };
  const { usage = 0, quota = 0 } = storage.estimate ? await storage.estimate() : {};
  return { answer: (await storage.persisted()) ? "kept" : "not_kept", share: quota ? usage / quota : 0 };
}

/** Says it in words. @param {HTMLElement} place */
export async function start(place) {
  const { answer, share } = await standing().catch(() => ({ answer: "unknown", share: 0 }));
  const words = [];
  if (share > TIGHT) {
    words.push(`给呼应的空间用了 ${Math.round(share * 100)}%,快满了。请连上网,把没发送的先发出去,或者清理一下手机。`);
  }
  if (answer === "kept") words.push("浏览器答应了:手机空间再紧,也不会清掉呼应存在这里的内容。");
  if (answer === "not_kept") words.push("手机空间不够时,浏览器可能清掉呼应存在这里的内容。放到桌面更稳妥。");
  place.textContent = words.join("");
  place.classList.toggle("tight", share > TIGHT);
  place.hidden = words.length === 0;
}
