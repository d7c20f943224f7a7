/**
 * The round as a picture: grids, points, where one is; on tiles where the district has a source and Leaflet is at hand
 * (ground.js). What is tapped is told below; the list says the same.
 */
import { html, nothing, svg } from "../lib/lit-html.js";
import { stateOf } from "./data.js";
import { doneRow, placeOf, taskRow } from "./rows.js";
import { frame, rings } from "./shape.js";

/** What the map is to who does not see it. */
export const WORDS = "网格和今天要去的地方,和列表里的一样";
/** A tap counts for the nearest point within so much of the picture. */
const REACH = 36;

/**
 * @typedef {{id: string, latitude: number | null, longitude: number | null}} Placed
 * @param {import("./data.js").Data} data
 * @param {import("./today.js").Today} today
 * @param {{from: import("./today.js").Position | null, chosen: string, choose: (id: string) => void, of: import("./rows.js").Of,
 *   ground: import("./ground.js").Ground | null}} view
 */
export function drawMap(data, today, { from, chosen, choose, of, ground }) {
  const done = new Set(today.done.map(({ visit }) => visit.place));
  const dues = new Map(today.due.map((row) => [row.place.id, row]));
  const wanted = new Set([...dues.keys(), ...done].filter((id) => typeof id === "string"));
  const places = [...wanted].flatMap((id) => placeOf(id, data) ?? []).filter(({ latitude }) => latitude !== null);
  const borders = (data.round?.grids ?? []).flatMap(({ polygon }) => rings(polygon));
  const orders = (data.round?.orders ?? []).filter(
    (order) => order.latitude !== null && stateOf(order, data.steps) !== "arrived",
  );
  const all = [...borders.flat(), ...places.map(point), ...orders.map(point), ...(from ? [point(from)] : [])];
  if (!all.length) return html`<p class="empty-line">还没有画好网格,也没有地点的位置</p>`;
  const spots = [
    ...places.map((place) => ({ id: place.id, kind: dues.has(place.id) ? "" : "over", at: point(place) })),
    ...orders.map((order) => ({ id: order.id, kind: "order", at: point(order) })),
  ];
  const shown = { borders, spots, me: from && point(from), chosen, reach: REACH, choose };
  ground?.show(shown);
  const row = dues.get(chosen);
  const told = today.done.find(({ visit }) => visit.place === chosen);
  const order = orders.find(({ id }) => id === chosen);
  const missing = today.due.length - [...dues.keys()].filter((id) => places.some((place) => place.id === id)).length;
  return html`
    <figure class="round-map">
      ${ground ? ground.element : picture(shown, all)}
      <figcaption class="round-legend">
        <span><i class="round-dot"></i>要去</span><span><i class="round-dot over"></i>做完</span>
        ${orders.length ? html`<span><i class="round-dot order"></i>请马上去</span>` : nothing}
        ${from ? html`<span><i class="round-dot me"></i>您在这里</span>` : nothing}
        ${missing ? html`<span>${missing} 处没有位置,在列表里</span>` : nothing}
      </figcaption>
    </figure>
    <div aria-live="polite">${
      row
        ? html`<ul class="rows" role="list">${taskRow(row, of)}</ul>`
        : told
          ? doneRow(told, data)
          : order
            ? html`<p>${order.words}</p><p class="small">${order.place_words}</p>`
            : html`<p class="small">点一个点,看是哪里。</p>`
    }</div>`;
}

/** @param {import("./ground.js").Shown} shown @param {import("./shape.js").Point[]} all */
function picture({ borders, spots, me, chosen, reach, choose }, all) {
  const { width, height, at } = frame(all);
  const drawn = spots.map((spot) => ({ ...spot, ...at(spot.at) }));
  const tap = (/** @type {MouseEvent} */ event) => {
    const box = /** @type {SVGElement} */ (event.currentTarget).getBoundingClientRect();
    const [x, y] = [
      ((event.clientX - box.left) / box.width) * width,
      ((event.clientY - box.top) / box.height) * height,
    ];
    const far = (/** @type {{x: number, y: number}} */ spot) => Math.hypot(spot.x - x, spot.y - y);
    const nearest = drawn.reduce((best, spot) => (best && far(best) <= far(spot) ? best : spot), drawn[0]);
    if (nearest && far(nearest) < reach) choose(nearest.id);
  };
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label=${WORDS} @click=${tap}>
    ${borders.map((ring) => svg`<path class="round-grid" d=${path(ring.map(at))}></path>`)}
    ${drawn.map(({ id, kind, x, y }) => svg`<circle class="round-spot ${kind} ${id === chosen ? "chosen" : ""}" cx=${x} cy=${y} r=${id === chosen ? 9 : 6}></circle>`)}
    ${me ? mine(at(me)) : nothing}
  </svg>`;
}

/** @param {{latitude: number | null, longitude: number | null}} place @returns {import("./shape.js").Point} */
function point({ longitude, latitude }) {
  return [Number(longitude), Number(latitude)];
}

/** @param {{x: number, y: number}[]} ring */
function path(ring) {
  return `M${ring.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}Z`;
}

/** @param {{x: number, y: number}} spot */
function mine({ x, y }) {
  return svg`<circle class="round-me" cx=${x} cy=${y} r="7"></circle>`;
}
