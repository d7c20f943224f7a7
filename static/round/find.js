/** A place by its label: by the camera, by a photo of it, or by typing its code. Found on the phone, without a network. */
import { html, nothing } from "../lib/lit-html.js";
import { paint, sign, topbar } from "../phone/draw.js";
import { thePhone } from "../phone/open.js";
import { codeIn, read } from "../phone/scan.js";
import { plain, spaced } from "./code.js";
import { load } from "./data.js";
import { placeBy } from "./subject.js";

/** Milliseconds between two looks; an old phone needs that long for one. */
const PAUSE = 200;
const SHOWN = 20;

/** @param {HTMLElement} page */
export async function start(page) {
  topbar("扫标签", "/round");
  const data = await load();
  const all = /** @type {import("./data.js").Place[]} */ ((await thePhone().outbox.section("grid_places")) ?? []);
  const view = { said: "", open: false, typed: "" };
  /** @type {MediaStream | null} */
  let stream = null;

  const say = (/** @type {Partial<typeof view>} */ change) => {
    Object.assign(view, change);
    paint(whole(), page);
  };
  const close = () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
  };
  const open = (/** @type {import("./data.js").Place} */ place) => {
    close();
    location.assign(`/round/place/${place.id}`);
  };
  const go = async (/** @type {string} */ text) => {
    const place = await placeBy(codeIn(text) || text, data);
    if (place) return open(place);
    close();
    say({ open: false, said: `标签 ${spaced(text)} 不在您的网格里。可以在下面按名称找,或者直接记个问题。` });
  };
  const film = async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      say({ open: true, said: "把标签的二维码放进画面里。" });
      const video = /** @type {HTMLVideoElement} */ (page.querySelector("video"));
      video.srcObject = stream;
      await video.play();
      while (stream?.active) {
        const code = await read(video);
        if (code) return await go(code);
        await new Promise((done) => setTimeout(done, PAUSE));
      }
    } catch {
      close();
      say({ open: false, said: "打不开相机。可以拍一张标签的照片,或者输入编码。" });
    }
  };
  const look = async (/** @type {any} */ { target }) => {
    const [file] = target.files;
    target.value = "";
    if (!file) return;
    say({ said: "正在看照片…" });
    const image = await createImageBitmap(file).catch(() => null);
    const code = image ? await read(image) : "";
    if (code) return go(code);
    say({ said: "照片里没有找到标签的二维码,请靠近一点再拍,或者输入编码。" });
  };
  const camera = Boolean(navigator.mediaDevices?.getUserMedia);

  function whole() {
    const found = fits(all, view.typed);
    return html`<div class="stack">
      <section class="stack near" aria-label="用相机扫">
        <video class="round-video" playsinline muted ?hidden=${!view.open} aria-label="相机画面"></video>
        ${camera && !view.open ? html`<button type="button" class="button main" @click=${film}>${sign("camera")}<span>打开相机</span></button>` : nothing}
        <label class="button quiet round-file">${sign("photo")}<span>拍一张或选照片</span><input class="sr" type="file" accept="image/*" @change=${look}></label>
        <p role="status">${view.said}</p>
      </section>
      <form class="stack near" @submit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        if (found.length === 1) open(found[0]);
        else if (view.typed.trim() && !found.length) go(view.typed.trim());
      }}>
        <div class="field"><label for="f-code">编码、名称或者地址</label>
          <input id="f-code" autocomplete="off" enterkeyhint="search" .value=${view.typed} @input=${(/** @type {any} */ event) => say({ typed: event.target.value })}>
          <p class="field-help">编码印在标签二维码下面。</p></div>
      </form>
      <ul class="rows" role="list" aria-label="找到的">${found.slice(0, SHOWN).map(
        (
          place,
        ) => html`<li class="row round-row"><div class="row-words"><a class="row-title" href="/round/place/${place.id}">${place.name}</a>
          <p class="row-line"><span class="row-place">${place.address}</span></p><p class="round-what">${place.kind} · ${spaced(place.code)}</p></div></li>`,
      )}</ul>
      ${view.typed.trim() && !found.length ? html`<p>没有找到。<a href="/round/new">直接记个问题</a></p>` : nothing}
      ${found.length > SHOWN ? html`<p class="small">还有 ${found.length - SHOWN} 处,多打几个字。</p>` : nothing}
    </div>`;
  }
  globalThis.addEventListener("pagehide", close);
  say({});
}

/** @param {import("./data.js").Place[]} all @param {string} typed */
function fits(all, typed) {
  const words = typed.trim().toUpperCase();
  if (!words) return [];
  const code = plain(typed);
  return all.filter(
    (one) => `${one.name} ${one.address}`.toUpperCase().includes(words) || (code && plain(one.code).includes(code)),
  );
}
