/** What is due today, by the working set that lies on this phone: said once a day when Huying is opened, online or not. */
import { inDays } from "../households/words.js";
import { due } from "./due.js";
import { withPhone } from "./open.js";

/** Remembered on this device: the day on which it was said last. */
const SAID = "huying-today";

/** Says it, at most once a day; who calls it has seen that the person allowed it. */
export async function remind() {
  const today = inDays(0);
  if (localStorage.getItem(SAID) === today) return;
  const found = await withPhone(async ({ outbox }) => {
    const [round, unit, households, items] = await Promise.all([
      outbox.section("round"),
      outbox.section("unit"),
      outbox.section("households"),
      outbox.list(),
    ]);
    const unsent = items.map(({ verb, command }) => ({ verb, data: command?.data }));
    return due(/** @type {any} */ ({ round, unit, households }), unsent, Date.now());
  });
  if (!found) return;
  const registration = await navigator.serviceWorker?.getRegistration();
  if (!registration) return;
  localStorage.setItem(SAID, today);
  await registration.showNotification(`今天${found.words}`, {
    body: "点开看。",
    tag: "today",
    data: { href: found.href },
  });
}
