/** Handing what waits to the desk: choosing, making the encrypted file, and the ways to give it. */
import { exportable, exportFile } from "../export.js";
import { html, nothing } from "../lib/lit-html.js";
import { sign } from "./draw.js";
import { thePhone } from "./open.js";

/** @typedef {import("../outbox.js").Item} Item */
/**
 * @typedef {{choosing: boolean, ids: Set<string>, making: boolean, words: string,
 *   made: {file: File, url: string, count: number} | null, begin: (ids: string[]) => void, stop: () => void,
 *   toggle: (id: string) => void, make: (ids: string[]) => Promise<void>}} Handing
 */

/**
 * @param {HTMLElement} page
 * @param {() => void} draw
 * @returns {Handing}
 */
export function handOver(page, draw) {
  /** @param {Partial<Handing>} change */
  function set(change) {
    Object.assign(handing, change);
    draw();
  }
  /** @type {Handing} */
  const handing = {
    choosing: false,
    ids: new Set(),
    making: false,
    words: "",
    made: null,
    begin: (ids) => set({ choosing: true, ids: new Set(ids), words: "" }),
    stop: () => set({ choosing: false, words: "" }),
    toggle: (id) => {
      if (!handing.ids.delete(id)) handing.ids.add(id);
      draw();
    },
    make: async (ids) => {
      if (handing.made) URL.revokeObjectURL(handing.made.url);
      set({ making: true, words: "", made: null });
      try {
        const { bytes, name } = await exportFile(thePhone().outbox, ids);
        const file = new File([bytes], name, { type: "application/octet-stream" });
        set({ making: false, choosing: false, made: { file, url: URL.createObjectURL(file), count: ids.length } });
      } catch (error) {
        set({ making: false, words: error instanceof Error ? error.message : "没有导出成功,请再试一次。" });
      }
      page.querySelector(".unsent-file")?.scrollIntoView({ block: "nearest" });
    },
  };
  return handing;
}

/** @param {Item[]} items @param {Handing} handing */
export function chosen(items, handing) {
  const all = items.filter(exportable);
  if (!all.length && !handing.made) return nothing;
  const mine = all.filter(({ id }) => handing.ids.has(id));
  return html`<section class="stack near unsent-file" aria-labelledby="of-file">
    <h2 id="of-file">发不出去?交给社区</h2>
    <p class="small">把没发出的导出成一个加密文件,只有社区的工作台能打开。手机上的还在,以后发出去也不会重复。</p>
    ${handing.made ? made(handing.made) : nothing}
    ${handing.words ? html`<div class="notice need" role="alert">${sign("need")}<p>${handing.words}</p></div>` : nothing}
    ${handing.choosing ? choosing(mine, all, handing) : begin(all, handing)}
  </section>`;
}

/** @param {Item[]} all @param {Handing} handing */
function begin(all, handing) {
  if (!all.length) return nothing;
  const start = () => (all.length === 1 ? handing.make([all[0].id]) : handing.begin(all.map(({ id }) => id)));
  return html`<button type="button" class="button quiet" aria-busy=${handing.making || nothing} @click=${start}>
    ${sign("lock")}<span>导出给社区</span></button>`;
}

/** @param {Item[]} mine @param {Item[]} all @param {Handing} handing */
function choosing(mine, all, handing) {
  const size = mine.flatMap(({ photos }) => photos).reduce((sum, photo) => sum + photo.size, 0);
  const turn = () => handing.begin(mine.length === all.length ? [] : all.map(({ id }) => id));
  return html`<div class="unsent-bar">
    <p role="status">已选 ${mine.length} 条${size ? `,照片${megabytes(size)}` : ""}</p>
    <button type="button" class="button main" ?disabled=${!mine.length || handing.making} aria-busy=${handing.making || nothing}
      @click=${() => handing.make(mine.map(({ id }) => id))}>${sign("lock")}<span>导出这 ${mine.length} 条</span></button>
    <div class="unsent-mends">
      <button type="button" class="button quiet" @click=${turn}><span>${mine.length === all.length ? "都不选" : "全选"}</span></button>
      <button type="button" class="button plain" @click=${handing.stop}><span>不导出了</span></button>
    </div>
  </div>`;
}

/** @param {{file: File, url: string, count: number}} made */
function made({ file, url, count }) {
  const share = navigator.canShare?.({ files: [file] });
  return html`<div class="card unsent-made">
    <p role="status">${sign("done")}<span>文件做好了,${count} 条,共${megabytes(file.size)}。存下来,发给社区的人,或者当面给。</span></p>
    <a class="button main" href=${url} download=${file.name}>${sign("phone-saved")}<span>存到手机</span></a>
    ${share ? html`<button type="button" class="button quiet" @click=${() => navigator.share({ files: [file] }).catch(() => {})}>${sign("send")}<span>发给社区的人</span></button>` : nothing}
  </div>`;
}

/** @param {number} bytes */
function megabytes(bytes) {
  return bytes < 100_000 ? "不到 0.1 MB" : ` ${(bytes / 1_000_000).toFixed(1)} MB`;
}
