/** Times as web/words.py says them, for pages that are filled on the phone. Everything is in Beijing's time. */

const DAYS = new Map([
  [-1, "昨天"],
  [0, "今天"],
  [1, "明天"],
  [2, "后天"],
]);
const BEIJING = 8 * 3_600_000;
const DAY = 86_400_000;

/**
 * 刚刚, 今天 18:02, 昨天 9:30, 11月3日.
 * @param {string | number} moment
 * @param {number} [now]
 */
export function near(moment, now = Date.now()) {
  const time = new Date(moment).getTime();
  if (Number.isNaN(time)) return "";
  if (now - time >= 0 && now - time < 120_000) return "刚刚";
  const here = new Date(time + BEIJING);
  const days = Math.floor((time + BEIJING) / DAY) - Math.floor((now + BEIJING) / DAY);
  const word = DAYS.get(days);
  if (word) return `${word} ${here.getUTCHours()}:${String(here.getUTCMinutes()).padStart(2, "0")}`;
  const day = `${here.getUTCMonth() + 1}月${here.getUTCDate()}日`;
  const same = here.getUTCFullYear() === new Date(now + BEIJING).getUTCFullYear();
  return same ? day : `${here.getUTCFullYear()}年${day}`;
}

/**
 * How long until a deadline, or how long past it, and what that means for its colour.
 * @param {string | null} moment
 * @param {number} [now]
 * @returns {{words: string, state: "over" | "soon" | "later"} | null}
 */
export function due(moment, now = Date.now()) {
  if (!moment) return null;
  const left = new Date(moment).getTime() - now;
  if (Number.isNaN(left)) return null;
  const state = left < 0 ? "over" : left < 4 * 3_600_000 ? "soon" : "later";
  return { words: `${left < 0 ? "超" : "还有"} ${span(Math.abs(left))}`, state };
}

/** Whole units, never rounded up. @param {number} length milliseconds */
function span(length) {
  const minutes = Math.floor(length / 60_000);
  if (minutes >= 1440) return `${Math.floor(minutes / 1440)} 天`;
  return minutes >= 60 ? `${Math.floor(minutes / 60)} 小时` : `${minutes} 分钟`;
}
