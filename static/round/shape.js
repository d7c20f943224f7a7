/** Degrees to a picture: the grids' borders and the points in it, north up, as wide as high as the ground is. Pure. */

/** @typedef {[number, number]} Point longitude and latitude */

const SIZE = 360;
const EDGE = 16;
const FLATTEST = 0.6;

/** The rings of a GeoJSON geometry (or of a Feature of one); none where there is none. @param {any} shape @returns {Point[][]} */
export function rings(shape) {
  if (!shape) return [];
  if (shape.type === "Feature") return rings(shape.geometry);
  if (shape.type === "Polygon") return shape.coordinates;
  return shape.type === "MultiPolygon" ? shape.coordinates.flat() : [];
}

/**
 * How to draw them: the picture's size, and where in it a point lies.
 * @param {Point[]} points all that is to be seen
 */
export function frame(points) {
  const [west, east] = ends(points.map(([longitude]) => longitude));
  const [south, north] = ends(points.map(([, latitude]) => latitude));
  const narrow = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const wide = (east - west) * narrow;
  const high = north - south;
  const scale = (SIZE - 2 * EDGE) / (Math.max(wide, high * FLATTEST) || 1);
  const height = Math.max(SIZE * FLATTEST, high * scale + 2 * EDGE);
  const [left, top] = [(SIZE - wide * scale) / 2, (height - high * scale) / 2];
  return {
    width: SIZE,
    height,
    at: (/** @type {Point} */ [longitude, latitude]) => ({
      x: left + (longitude - west) * narrow * scale,
      y: top + (north - latitude) * scale,
    }),
  };
}

/** @param {number[]} numbers */
function ends(numbers) {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const number of numbers) {
    least = Math.min(least, number);
    most = Math.max(most, number);
  }
  return [least, most];
}
