/** Draws a map where one is asked for: grid polygons below, points above, tiles where the district has a source. */

/** Pixels that an area must be wide for its name to be written into it. */
const NAME_WIDTH = 96;
const FIRST = { latitude: 22.6569, longitude: 114.0329, zoom: 14 };

/** @param {HTMLElement} canvas */
export function start(canvas) {
  canvas.hidden = false;
  new IntersectionObserver((entries, observer) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    draw(canvas);
  }).observe(canvas);
}

/** @param {HTMLElement} canvas */
async function draw(canvas) {
  const { default: leaflet } = await import("../lib/leaflet.js");
  await style();
  const map = opened(leaflet, canvas);
  map.setView([FIRST.latitude, FIRST.longitude], FIRST.zoom);
  const points = JSON.parse(canvas.dataset.points ?? "[]");
  const bounds = leaflet.latLngBounds([]);
  for (const point of points) {
    bounds.extend([point.latitude, point.longitude]);
    if (!canvas.dataset.pick) mark(leaflet, point).addTo(map);
  }
  if (canvas.dataset.areas) await areas(leaflet, map, canvas.dataset.areas, bounds);
  // Without tiles the borders of the grids are all there is to go by: keep them in view.
  if (bounds.isValid()) map.fitBounds(bounds, { padding: [24, 24], maxZoom: hasTiles() ? 17 : 15 });
  if (canvas.dataset.pick) pick(leaflet, map, canvas.dataset.pick.split(" "), points[0]);
}

/**
 * @param {typeof import("leaflet")} leaflet
 * @param {{latitude: number, longitude: number, word: string, href?: string}} point
 */
function mark(leaflet, point) {
  const dot = leaflet.circleMarker([point.latitude, point.longitude], { radius: 9, className: "map-dot" });
  // Somebody typed these words: a string would be read as HTML.
  const words = document.createElement("span");
  words.textContent = point.word;
  dot.bindTooltip(words);
  dot.on("click", () => {
    if (point.href) location.href = point.href;
  });
  return dot;
}

/**
 * A pin that can be moved by tap or drag; two inputs of the page follow it.
 * @param {typeof import("leaflet")} leaflet
 * @param {import("leaflet").Map} map
 * @param {string[]} names latitude's and longitude's input
 * @param {{latitude: number, longitude: number} | undefined} from
 */
function pick(leaflet, map, names, from) {
  const icon = leaflet.divIcon({ className: "map-pin", iconSize: [28, 28], iconAnchor: [14, 28] });
  const at = from ? leaflet.latLng(from.latitude, from.longitude) : map.getCenter();
  const pin = leaflet.marker(at, { icon, draggable: true, title: "拖动到准确位置" });
  const inputs = names.map((name) => document.querySelector(`[name="${CSS.escape(name)}"]`));
  const write = () => {
    const { lat, lng } = pin.getLatLng();
    [lat, lng].forEach((value, index) => {
      const input = inputs[index];
      if (input instanceof HTMLInputElement) input.value = value.toFixed(6);
    });
    inputs[0]?.dispatchEvent(new Event("change", { bubbles: true }));
  };
  if (from) pin.addTo(map);
  pin.on("dragend", write);
  map.on("click", (/** @type {import("leaflet").LeafletMouseEvent} */ event) => {
    pin.setLatLng(event.latlng).addTo(map);
    write();
  });
}

/**
 * @param {typeof import("leaflet")} leaflet
 * @param {import("leaflet").Map} map
 * @param {string} address
 * @param {import("leaflet").LatLngBounds} bounds
 */
async function areas(leaflet, map, address, bounds) {
  const answer = await fetch(address, { headers: { Accept: "application/geo+json, application/json" } });
  if (!answer.ok) return;
  const shapes = await answer.json();
  const heat = shapes.features?.some((/** @type {GeoJSON.Feature} */ one) => one.properties?.words);
  // Not interactive: areas are drawn over the points, and must not catch what is meant for these.
  const layer = leaflet.geoJSON(shapes, {
    interactive: heat,
    style: (one) => ({ className: heat ? `map-area map-heat-${one?.properties.shade ?? "few"}` : "map-area" }),
  });
  layer.addTo(map);
  layer.eachLayer((shape) => (heat ? told : name)(map, /** @type {import("leaflet").Polygon} */ (shape)));
  if (!bounds.isValid()) bounds.extend(layer.getBounds());
}

/**
 * Says what a coloured area means when it is touched; a second touch goes where it leads.
 * @param {import("leaflet").Map} _map
 * @param {import("leaflet").Polygon} shape
 */
function told(_map, shape) {
  const { name: called, words, href } = shape.feature?.properties ?? {};
  const said = document.createElement(href ? "a" : "span");
  said.textContent = `${called}:${words}`;
  if (said instanceof HTMLAnchorElement) said.href = href;
  shape.bindPopup(said);
}

/**
 * Writes the name of an area into its middle while there is room for it.
 * @param {import("leaflet").Map} map
 * @param {import("leaflet").Polygon} shape
 */
function name(map, shape) {
  const words = document.createElement("span");
  words.textContent = shape.feature?.properties?.name ?? "";
  shape.bindTooltip(words, { permanent: true, direction: "center", className: "map-name" });
  const fit = () => {
    const bounds = shape.getBounds();
    const width = map.latLngToLayerPoint(bounds.getSouthEast()).x - map.latLngToLayerPoint(bounds.getSouthWest()).x;
    if (width < NAME_WIDTH) shape.closeTooltip();
    else shape.openTooltip();
  };
  map.on("zoomend", fit);
  fit();
}

/** Whether the district has a source of tiles. */
export function hasTiles() {
  return document.querySelector("meta[name=huying-tiles]") !== null;
}

/**
 * A map with its two buttons, on the district's tiles where it has a source.
 * @param {typeof import("leaflet")} leaflet
 * @param {HTMLElement} element
 * @param {import("leaflet").MapOptions} [options]
 */
export function opened(leaflet, element, options = {}) {
  const map = leaflet.map(element, { ...options, zoomControl: false });
  leaflet.control.zoom({ zoomInTitle: "放大", zoomOutTitle: "缩小" }).addTo(map);
  map.attributionControl.setPrefix(false);
  tiles(leaflet, map);
  return map;
}

/**
 * @param {typeof import("leaflet")} leaflet
 * @param {import("leaflet").Map} map
 */
function tiles(leaflet, map) {
  const source = document.querySelector("meta[name=huying-tiles]");
  if (!(source instanceof HTMLMetaElement)) return;
  const options = { attribution: source.dataset.attribution ?? "", maxZoom: 18, subdomains: "01234567" };
  leaflet.tileLayer(source.content, options).addTo(map);
}

/** Leaflet's own style, once a page; also where it cannot be had. @returns {Promise<void>} */
export function style() {
  const href = new URL("../lib/leaflet.css", import.meta.url).href;
  if (document.querySelector(`link[href="${href}"]`)) return Promise.resolve();
  return new Promise((done) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = href;
    link.addEventListener("load", () => done());
    link.addEventListener("error", () => done());
    document.head.append(link);
  });
}
