/** 还没发出的: what waits on this phone, since when and why; sending, mending, handing it to the desk; what came lately. */
import { html, nothing, render } from "../lib/lit-html.js";
import { chosen, handOver } from "./hand-over.js";
import { ABLE, thePhone } from "./open.js";
import { Thumbs } from "./thumbs.js";
import { receivedItem, unsentItem } from "./unsent-items.js";
import { top } from "./unsent-top.js";

/** @typedef {import("../outbox.js").Item} Item */
/** @typedef {import("../outbox.js").Received} Received */
/** @typedef {{items: Item[], counts: import("../outbox.js").Counts, received: Received[], account: string | null}} Found */

const RECENT = 20;
const page = /** @type {HTMLElement} */ (document.querySelector("#page"));

if (ABLE) await begin();
else document.querySelector("#unable")?.removeAttribute("hidden");
page.removeAttribute("aria-busy");

async function begin() {
  const { dispatch } = thePhone();
  /** @type {Found} */
  let found = await find();
  /** @type {Promise<void> | null} */
  let finding = null;
  let again = false;
  let most = 0;
  const thumbs = new Thumbs(draw);
  const handing = handOver(page, draw);
  page.replaceChildren();

  function draw() {
    const left = unitsOf(found.items);
    most = dispatch.status.phase === "sending" ? Math.max(most, left) : left;
    render(view(found, thumbs, handing, { of: most, done: most - left }), page);
    thumbs.look(page);
  }
  /** Many things change while it sends; one look at a time, and one more for what changed meanwhile. */
  function changed() {
    again = finding !== null;
    finding ??= find().then((now) => {
      found = now;
      finding = null;
      draw();
      if (again) changed();
    });
    finding.catch(() => {
      finding = null;
    });
  }
  dispatch.listen(changed);
  draw();
  changed();
}

/** @returns {Promise<Found>} */
async function find() {
  const { outbox, store } = thePhone();
  const account = (await store.account(Date.now()))?.account ?? null;
  return {
    items: await outbox.list(),
    counts: await outbox.counts(),
    received: await outbox.receipts(RECENT),
    account,
  };
}

/** How much is to be sent: records and photos. @param {Item[]} items */
function unitsOf(items) {
  const waiting = items.filter(({ state, receipt }) => state !== "need" && !receipt).length;
  return waiting + items.flatMap(({ photos }) => photos).filter(({ state }) => state === "saved").length;
}

/**
 * @param {Found} found
 * @param {Thumbs} thumbs
 * @param {import("./hand-over.js").Handing} handing
 * @param {{of: number, done: number}} progress
 */
function view({ items, counts, received, account }, thumbs, handing, progress) {
  const need = items.filter(({ state }) => state === "need");
  const waiting = items.filter(({ state }) => state !== "need");
  const row = (/** @type {Item} */ item) => unsentItem(item, thumbs, handing);
  return html`
    ${top(waiting.length, need.length, counts.elsewhere, account, progress)}
    ${need.length ? section("need", `需要您处理 ${need.length} 条`, need.map(row)) : nothing}
    ${waiting.length ? section("waiting", "等着发的", waiting.map(row)) : nothing}
    ${chosen(items, handing)}
    ${received.length ? section("received", "最近收到", received.map(receivedItem)) : nothing}`;
}

/** @param {string} name @param {string} title @param {unknown[]} rows */
function section(name, title, rows) {
  return html`<section class="stack near" aria-labelledby="of-${name}">
    <h2 id="of-${name}">${title}</h2>
    <ul class="rows" role="list">${rows}</ul>
  </section>`;
}
