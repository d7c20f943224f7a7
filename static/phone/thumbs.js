/** Photos that lie on this phone as small pictures: opened when they come into view, let go when they are gone. */
import { thePhone } from "./open.js";

export class Thumbs {
  /** @type {Map<string, string>} addresses of opened ones; "" where it cannot be opened */
  #urls = new Map();
  /** @type {IntersectionObserver} */
  #seeing;

  /** @param {() => void} draw one more can be shown */
  constructor(draw) {
    this.#seeing = new IntersectionObserver(
      (seen) => {
        for (const { isIntersecting, target } of seen) if (isIntersecting) this.#open(target, draw);
      },
      { rootMargin: "200px" },
    );
  }

  /** @param {string} id */
  url(id) {
    return this.#urls.get(id);
  }

  /** After the page was drawn: wait for those in view, forget those that are not there any more. @param {HTMLElement} page */
  look(page) {
    this.#seeing.disconnect();
    const there = new Set();
    for (const image of page.querySelectorAll("img[data-picture]")) {
      const id = /** @type {HTMLElement} */ (image).dataset.picture ?? "";
      there.add(id);
      if (!this.#urls.has(id)) this.#seeing.observe(image);
    }
    for (const [id, url] of this.#urls) {
      if (there.has(id)) continue;
      if (url) URL.revokeObjectURL(url);
      this.#urls.delete(id);
    }
  }

  /** @param {Element} image @param {() => void} draw */
  async #open(image, draw) {
    const id = /** @type {HTMLElement} */ (image).dataset.picture ?? "";
    if (this.#urls.has(id)) return;
    this.#urls.set(id, "");
    const bytes = await thePhone()
      .outbox.picture(id)
      .catch(() => null);
    if (bytes) this.#urls.set(id, URL.createObjectURL(new Blob([bytes])));
    draw();
  }
}
