/** The round's map where the district has a source of tiles: Leaflet, with the grids and points of the picture (map.js). */
import { hasTiles, opened, style } from "../js/map.js";

const CLOSEST = 18;
const NEAREST_FIRST = 17;

/**
 * @typedef {import("./shape.js").Point} Point
 * @typedef {{id: string, kind: string, at: Point}} Spot
 * @typedef {{borders: Point[][], spots: Spot[], me: Point | null, chosen: string, reach: number, choose: (id: string) => void}} Shown
 */

/** One map for the page: it keeps its place while the list is looked at, and takes what is drawn anew. */
export class Ground {
  /**
   * @param {typeof import("leaflet")} leaflet
   * @param {string} words what the map is to who does not see it
   */
  constructor(leaflet, words) {
    this.leaflet = leaflet;
    this.element = document.createElement("div");
    this.element.className = "map-canvas round-ground";
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", words);
    this.map = opened(leaflet, this.element, { maxZoom: CLOSEST });
    this.layer = leaflet.layerGroup().addTo(this.map);
    /** @type {Shown | null} */
    this.shown = null;
    this.fitted = false;
    this.map.on("click", ({ containerPoint }) => this.#tapped(containerPoint));
    // It may be put in and taken out of the page, and a phone be turned.
    new ResizeObserver(() => this.#fit()).observe(this.element);
  }

  /** @param {Shown} shown */
  show(shown) {
    this.shown = shown;
    this.layer.clearLayers();
    const { leaflet, layer } = this;
    for (const ring of shown.borders) {
      leaflet.polygon(ring.map(degrees), { className: "map-area", interactive: false }).addTo(layer);
    }
    for (const { id, kind, at } of shown.spots) {
      const chosen = id === shown.chosen;
      const className = `round-spot ${kind} ${chosen ? "chosen" : ""}`.trim();
      leaflet.circleMarker(degrees(at), { radius: chosen ? 11 : 8, className, interactive: false }).addTo(layer);
    }
    if (shown.me) {
      leaflet.circleMarker(degrees(shown.me), { radius: 8, className: "round-me", interactive: false }).addTo(layer);
    }
    this.#fit();
  }

  /** All that is shown, at first; then whoever moved the map has it as they left it. */
  #fit() {
    if (!this.shown || !this.element.clientWidth) return;
    this.map.invalidateSize({ animate: false });
    if (this.fitted) return;
    this.fitted = true;
    const { borders, spots, me } = this.shown;
    const all = [...borders.flat(), ...spots.map(({ at }) => at), ...(me ? [me] : [])];
    this.map.fitBounds(this.leaflet.latLngBounds(all.map(degrees)), { padding: [16, 16], maxZoom: NEAREST_FIRST });
  }

  /** A tap counts for the nearest point, as in the picture. @param {import("leaflet").Point} tap */
  #tapped(tap) {
    const { spots = [], reach = 0, choose } = this.shown ?? {};
    const far = (/** @type {Spot} */ { at }) => this.map.latLngToContainerPoint(degrees(at)).distanceTo(tap);
    const [nearest] = spots.map((spot) => ({ spot, far: far(spot) })).sort((one, other) => one.far - other.far);
    if (nearest && nearest.far < reach) choose?.(nearest.spot.id);
  }
}

/** The page's map; null where there is no source of tiles, or Leaflet cannot be had without a network. @param {string} words */
export async function ground(words) {
  if (!hasTiles()) return null;
  try {
    const { default: leaflet } = await import("../lib/leaflet.js");
    await style();
    return new Ground(leaflet, words);
  } catch {
    return null;
  }
}

/** Leaflet wants latitude first. @param {Point} point @returns {[number, number]} */
function degrees([longitude, latitude]) {
  return [latitude, longitude];
}
