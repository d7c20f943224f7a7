/**
 * Reads the label of a place with the camera: by the browser's own reader where there is one, else by a library that
 * is loaded only then. Without a camera a photo of the label does, or the code is typed.
 */

/** Milliseconds between two looks; an old phone needs that long for one. */
const PAUSE = 200;
const NO_CAMERA = "打不开相机。可以拍一张标签的照片,或者在下面输入编码。";
const NOTHING = "照片里没有找到标签的二维码,请靠近一点再拍,或者输入编码。";

/** @typedef {{detect: (image: ImageBitmapSource) => Promise<{rawValue: string}[]>}} Reader */

/** @type {Promise<Reader> | undefined} */
let made;

/** @returns {Promise<Reader>} */
export function reader() {
  made ??= make();
  return made;
}

/** @returns {Promise<Reader>} */
async function make() {
  const own = /** @type {any} */ (globalThis).BarcodeDetector;
  // Some browsers have the name and read nothing.
  if (own && (await own.getSupportedFormats().catch(() => [])).includes("qr_code")) {
    return new own({ formats: ["qr_code"] });
  }
  const { BarcodeDetector } = await import("../lib/qr/decode.js");
  return new BarcodeDetector({ formats: ["qr_code"] });
}

/**
 * What a label's code says: the part after /p/ of its address, or the code alone; empty for anything else.
 * @param {string} text
 */
export function codeIn(text) {
  const plain = text.trim();
  const found =
    /^https?:\/\/[^/]+\/p\/([0-9A-Za-z-]{10,12})$/.exec(plain) ?? /^([0-9A-Za-z]{5}-?[0-9A-Za-z]{5})$/.exec(plain);
  return found ? found[1] : "";
}

/**
 * The first label's code in a picture; empty where there is none.
 * @param {ImageBitmapSource} image
 */
export async function read(image) {
  const found = await (await reader()).detect(image).catch(() => []);
  return found.map((one) => codeIn(one.rawValue)).find(Boolean) ?? "";
}

class Scan {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.button = /** @type {HTMLButtonElement} */ (element.querySelector("[data-scan-start]"));
    this.video = /** @type {HTMLVideoElement} */ (element.querySelector("video"));
    this.photo = /** @type {HTMLInputElement} */ (element.querySelector("[data-scan-photo]"));
    this.said = /** @type {HTMLElement} */ (element.querySelector("[data-scan-said]"));
    element.hidden = false;
    this.button.hidden = !navigator.mediaDevices?.getUserMedia;
    this.button.addEventListener("click", () => this.#open());
    this.photo.addEventListener("change", () => this.#look());
    window.addEventListener("pagehide", () => this.#close());
  }

  async #open() {
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      this.video.srcObject = this.stream;
      this.video.hidden = false;
      this.button.hidden = true;
      await this.video.play();
      this.said.textContent = "把标签的二维码放进画面里。";
      await this.#watch();
    } catch {
      this.#close();
      this.said.textContent = NO_CAMERA;
    }
  }

  async #watch() {
    while (this.stream?.active) {
      const code = await read(this.video);
      if (code) return this.#go(code);
      await new Promise((done) => setTimeout(done, PAUSE));
    }
  }

  async #look() {
    const file = this.photo.files?.[0];
    if (!file) return;
    this.said.textContent = "正在看照片…";
    const image = await createImageBitmap(file).catch(() => null);
    const code = image ? await read(image) : "";
    if (code) this.#go(code);
    else this.said.textContent = NOTHING;
  }

  /** @param {string} code */
  #go(code) {
    this.#close();
    this.said.textContent = "找到了,正在打开…";
    location.assign(`/p/${code}`);
  }

  #close() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = undefined;
    this.video.hidden = true;
  }
}

/** @param {HTMLElement} element */
export function start(element) {
  new Scan(element);
}
