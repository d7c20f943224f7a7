/** Takes the position once, when it is asked for; a tap on the map says that it came from there. */

/** @param {HTMLElement} element */
export function start(element) {
  const form = /** @type {HTMLFormElement} */ (element.closest("form"));
  const button = element.querySelector("[data-here-take]");
  const said = /** @type {HTMLElement} */ (element.querySelector("[data-here-said]"));

  /** @param {Record<string, string>} values */
  const write = (values) => {
    for (const [name, value] of Object.entries(values)) {
      const input = form.elements.namedItem(name);
      if (input instanceof HTMLInputElement) input.value = value;
    }
  };

  if (button instanceof HTMLButtonElement) button.hidden = !navigator.geolocation;
  button?.addEventListener("click", () => {
    said.textContent = "正在取位置…";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        write({
          latitude: coords.latitude.toFixed(6),
          longitude: coords.longitude.toFixed(6),
          accuracy: String(Math.round(coords.accuracy)),
          position_source: "phone",
        });
        said.textContent = `已取到现在的位置,误差约 ${Math.round(coords.accuracy)} 米。`;
      },
      () => {
        said.textContent = "没有取到位置,请在地图上点一下,或者选网格。";
      },
      { enableHighAccuracy: true, timeout: 15_000 },
    );
  });
  const latitude = form.elements.namedItem("latitude");
  if (latitude instanceof HTMLInputElement)
    latitude.addEventListener("change", () => {
      write({ accuracy: "", position_source: "map" });
      said.textContent = "已用地图上的位置。";
    });
}
