/** Where the phone is, asked once and only on a tap. Nothing is kept. */

const PATIENCE = 15_000;

/** @type {Record<number, string>} */
const WHY = {
  1: "没有得到位置:手机没有允许。可以在设置里允许,不允许也能照常做。",
  2: "这里收不到位置信号。",
  3: "等了一会儿,还没有得到位置。",
};

/** @returns {Promise<{latitude: number, longitude: number, accuracy: number} | {words: string}>} */
export function here() {
  if (!navigator.geolocation) return Promise.resolve({ words: "这个浏览器不能给出位置。" });
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude, accuracy } }) => resolve({ latitude, longitude, accuracy }),
      ({ code }) => resolve({ words: WHY[code] ?? WHY[2] }),
      { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: 30_000 },
    );
  });
}
