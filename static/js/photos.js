/** Opens the photos of a strip or a pair over the page, one after the other; without it they are plain links. */
import { makeButton, makeDialog } from "./dialog.js";

/** @param {HTMLElement} strip */
export function start(strip) {
  strip.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const links = [...strip.querySelectorAll("a")];
    open(links, links.indexOf(link));
  });
}

/**
 * @param {HTMLAnchorElement[]} links
 * @param {number} first
 */
function open(links, first) {
  let place = first;
  const dialog = makeDialog("viewer", "照片");
  const image = document.createElement("img");
  const words = document.createElement("p");
  const before = makeButton("上一张", "", () => show(place - 1));
  const after = makeButton("下一张", "", () => show(place + 1));
  const close = makeButton("关闭", "", () => dialog.close());
  const bar = document.createElement("div");
  bar.className = "viewer-bar";
  bar.append(before, words, after, close);
  dialog.append(image, bar);
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") show(place - 1);
    if (event.key === "ArrowRight") show(place + 1);
  });

  /** @param {number} next */
  function show(next) {
    const link = links[next];
    if (!link) return;
    place = next;
    image.src = link.href;
    image.alt = link.querySelector("img")?.alt ?? "";
    words.textContent = links.length > 1 ? `${place + 1} / ${links.length}` : "";
    before.disabled = place === 0;
    after.disabled = place === links.length - 1;
  }

  show(first);
  dialog.addEventListener("close", () => links[place]?.focus());
  dialog.showModal();
  close.focus();
}
