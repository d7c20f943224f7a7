/** Changes theme and letter size at once, and remembers it as the form would. */

/** @param {HTMLElement} form */
export function start(form) {
  form.addEventListener("change", () => {
    const chosen = new FormData(/** @type {HTMLFormElement} */ (form));
    const theme = String(chosen.get("theme") ?? "").replace("auto", "");
    const elder = chosen.get("elder") === "on";
    const root = document.documentElement;
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    root.toggleAttribute("data-elder", elder);
    const words = [theme, elder ? "elder" : ""].filter(Boolean).join("%20");
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not on the phones we serve
    document.cookie = `huying_look=${words}; path=/; max-age=${400 * 86400}; SameSite=Lax`;
  });
  for (const button of form.querySelectorAll("button")) button.hidden = true;
}
