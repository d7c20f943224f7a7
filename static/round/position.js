/** Where the phone is, asked once and only on a tap. Nothing is kept. */

const PATIENCE = 15_000;

/** @typedef {"refused" | "no_signal" | "late" | "unable"} Why as POSITION_MISSING of static/forms/questions.js names it */
/** @type {{ [why in Why]: string }} */
const WORDS = {
  refused: "没有得到位置:手机没有允许。可以在设置里允许,不允许也能照常做。",
  no_signal: "这里收不到位置信号。",
  late: "等了一会儿,还没有得到位置。",
  unable: "这个浏览器不能给出位置。",
};
/** @type {{ [code: number]: Why }} the codes of GeolocationPositionError */
const WHY = { 1: "refused", 2: "no_signal", 3: "late" };

/** @param {number} [age] of the position at most, in milliseconds @returns {Promise<{latitude: number, longitude: number, accuracy: number} | {words: string, why: Why}>} */
export function here(age = 30_000) {
  if (!navigator.geolocation) return Promise.resolve(missing("unable"));
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude, accuracy } }) => resolve({ latitude, longitude, accuracy }),
      ({ code }) => resolve(missing(WHY[code] ?? "no_signal")),
      { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: age },
    );
  });
}

/** @param {Why} why */
function missing(why) {
  return { words: WORDS[why], why };
}
