/** Fills in where it is: from the photo, from the phone after a tap, or by a tap on the map. The list beside it stays. */

/** @typedef {{latitude: number, longitude: number, accuracy?: number | null, community_id: number | null, community: string}} Position */

/** Where the matter of one form is. */
class Place {
  /** @type {Position | null} what the photo says and the person has not decided on */
  #offered = null;
  #byHand = false;

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.select = /** @type {HTMLSelectElement} */ (form.elements.namedItem("community_id"));
    this.said = form.querySelector("[data-place-said]");
    this.offer = this.#find("[data-place-offer]");
    this.phone = this.#find("[data-place-phone]");
    this.map = this.#find("[data-place-map]");
  }

  start() {
    if (this.phone && "geolocation" in navigator) {
      this.phone.hidden = false;
      this.phone.addEventListener("click", () => this.#ask());
      this.#find("[data-place-why]")?.removeAttribute("hidden");
    }
    if (this.map) {
      this.map.hidden = false;
      this.map.addEventListener("toggle", () => this.#prepareMap(), { once: true });
    }
    this.select.addEventListener("change", () => this.#chosen());
    this.form.addEventListener("photo-position", (event) => {
      this.#photo(/** @type {CustomEvent<Position>} */ (event).detail);
    });
    this.form.addEventListener("change", (event) => {
      if (event.target instanceof HTMLInputElement && event.target.name === "latitude") this.#pinned();
    });
    this.#find("[data-place-use]")?.addEventListener("click", () => {
      if (this.#offered) this.#take(this.#offered, "photo", `用照片里的位置:${this.#offered.community}。`);
    });
    this.#find("[data-place-other]")?.addEventListener("click", () => this.#elsewhere());
  }

  /**
   * A photo that is still on the phone does not name the community; without a network nobody does.
   * @param {Position} given
   */
  async #photo(given) {
    const found = given.community_id === undefined ? await this.#name(given.latitude, given.longitude) : given;
    if (!found) return this.#unnamed(given, "photo", "照片里有位置,已经记下,连上网后会认出是哪个社区。");
    const position = { ...given, ...found };
    if (!position.community_id) {
      if (!this.select.value) this.#say("照片里的位置不在本区,请选一下社区。");
      return;
    }
    this.#offered = position;
    const near = `照片拍摄于 ${position.community} 附近`;
    if (this.#byHand) {
      this.#say(`${near}。`);
      this.#show({ use: true, other: false });
    } else {
      this.#take(position, "photo", `${near},已经填好。`);
      this.#show({ use: false, other: true });
    }
  }

  #ask() {
    this.#say("正在取位置…");
    navigator.geolocation.getCurrentPosition(
      async ({ coords }) => {
        const found = await this.#name(coords.latitude, coords.longitude);
        if (!found) return this.#unnamed(coords, "phone", "已经取到位置,连上网后会认出是哪个社区。");
        if (!found.community_id) {
          this.#say("您现在的位置不在本区,请选一下社区。");
          return;
        }
        const { latitude, longitude, accuracy } = coords;
        this.#take({ ...found, latitude, longitude, accuracy }, "phone", `您在 ${found.community},已经填好。`);
        this.#show({ use: false, other: true });
      },
      () => this.#say("没有取到位置,请选一下社区。"),
      { enableHighAccuracy: true, timeout: 12_000, maximumAge: 60_000 },
    );
  }

  /**
   * Nobody could be asked which community it is: a chosen one stays, the position goes with it only where none is chosen.
   * @param {{latitude: number, longitude: number, accuracy?: number | null}} position
   * @param {string} source
   * @param {string} words
   */
  #unnamed(position, source, words) {
    if (this.select.value) return;
    this.#put(position, source);
    this.#say(words);
    this.said?.classList.add("known");
  }

  /** The pin was moved: the map has written the two inputs. */
  async #pinned() {
    const latitude = Number(this.#input("latitude")?.value);
    const longitude = Number(this.#input("longitude")?.value);
    this.#set("position_source", "map");
    this.#set("accuracy", "");
    const found = await this.#name(latitude, longitude);
    this.#byHand = true;
    if (found?.community_id) this.select.value = String(found.community_id);
    this.#touched();
    if (!found) this.#say("已经记下这个点,连上网后会认出是哪个社区。");
    else this.#say(found.community_id ? `地图上的点在 ${found.community}。` : "这个点不在本区,请再点一下或选社区。");
    this.#show({ use: false, other: false });
  }

  /** Another community than that of the point: the point no longer holds. */
  #chosen() {
    this.#byHand = true;
    this.#clear();
    this.#say("");
    this.#show({
      use: this.#offered !== null && String(this.#offered.community_id) !== this.select.value,
      other: false,
    });
  }

  #elsewhere() {
    this.#clear();
    this.#byHand = true;
    this.select.value = "";
    this.#say("请选社区,或者在地图上点一下。");
    this.#show({ use: this.#offered !== null, other: false });
    this.select.focus();
  }

  /**
   * @param {Position} position
   * @param {string} source
   * @param {string} words
   */
  #take(position, source, words) {
    this.select.value = String(position.community_id ?? "");
    this.#put(position, source);
    this.#say(words);
    this.#redraw();
  }

  /**
   * @param {{latitude: number, longitude: number, accuracy?: number | null}} position
   * @param {string} source
   */
  #put(position, source) {
    this.#set("latitude", position.latitude.toFixed(6));
    this.#set("longitude", position.longitude.toFixed(6));
    this.#set("accuracy", position.accuracy ? String(Math.round(position.accuracy)) : "");
    this.#set("position_source", source);
    this.#touched();
  }

  /** Whoever keeps the form's content hears of it. */
  #touched() {
    this.form.dispatchEvent(new Event("change"));
  }

  #clear() {
    for (const name of ["latitude", "longitude", "accuracy", "position_source"]) this.#set(name, "");
    this.#touched();
  }

  /** The map begins where the matter is. */
  #prepareMap() {
    const canvas = this.#canvas();
    if (!canvas) return;
    const latitude = Number(this.#input("latitude")?.value);
    const longitude = Number(this.#input("longitude")?.value);
    canvas.dataset.points = JSON.stringify(latitude ? [{ latitude, longitude, word: "在这里" }] : []);
    canvas.dataset.areas = `/places/grids?community=${encodeURIComponent(this.select.value)}`;
  }

  /** A map that is open already is drawn anew around the new place. */
  #redraw() {
    const canvas = this.#canvas();
    if (!canvas || !(this.map instanceof HTMLDetailsElement) || !this.map.open) return;
    const fresh = document.createElement("div");
    for (const name of ["map", "pick"]) fresh.dataset[name] = canvas.dataset[name] ?? "";
    fresh.className = "map-canvas";
    canvas.replaceWith(fresh);
    this.#prepareMap();
  }

  #canvas() {
    return this.#find("[data-map]");
  }

  /**
   * @param {number} latitude
   * @param {number} longitude
   * @returns {Promise<{community_id: number | null, community: string} | null>}
   */
  async #name(latitude, longitude) {
    const body = new URLSearchParams({ latitude: latitude.toFixed(6), longitude: longitude.toFixed(6) });
    try {
      const answer = await fetch("/places/at", { method: "POST", body, headers: { Accept: "application/json" } });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  /** @param {string} selector */
  #find(selector) {
    return /** @type {HTMLElement | null} */ (this.form.querySelector(selector));
  }

  /** @param {string} name */
  #input(name) {
    const input = this.form.elements.namedItem(name);
    return input instanceof HTMLInputElement ? input : null;
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  #set(name, value) {
    const input = this.#input(name);
    if (input) input.value = value;
  }

  /** @param {string} words */
  #say(words) {
    if (!(this.said instanceof HTMLElement)) return;
    this.said.textContent = words;
    // Green only where a place is filled in; else something is still to be chosen.
    this.said.classList.toggle("known", this.select.value !== "");
  }

  /** @param {{use: boolean, other: boolean}} buttons */
  #show({ use, other }) {
    const useButton = this.#find("[data-place-use]");
    const otherButton = this.#find("[data-place-other]");
    if (useButton) useButton.hidden = !use;
    if (otherButton) otherButton.hidden = !other;
    if (this.offer) this.offer.hidden = !use && !other;
  }
}

for (const form of document.querySelectorAll("[data-place], [data-home-place]")) {
  if (form instanceof HTMLFormElement) new Place(form).start();
}

export {};
