/** The pages of the round, each by its path; all of them from what is on the phone. */
import { ABLE, idle, painted } from "../able.js";
import { start as list } from "./list.js";

/** Milliseconds after which what every page has is loaded in any case. */
const LONGEST = 2000;

const page = /** @type {HTMLElement} */ (document.querySelector("#page"));
const [, , kind = "", id = ""] = location.pathname.split("/");

if (ABLE) await begin().catch(failed);
else document.querySelector("#unable")?.removeAttribute("hidden");
page.removeAttribute("aria-busy");
// What every page has comes after what this one is opened for, and gives way to what is touched at once.
await painted();
idle(() => import("../js/app.js"), LONGEST);

async function begin() {
  if (kind === "scan") return (await import("./find.js")).start(page);
  if (kind === "record") return (await import("./told.js")).start(page, id);
  if (kind) return (await import("./visit.js")).start(page, { kind, id });
  return list(page);
}

/** @param {unknown} error */
function failed(error) {
  const words =
    error instanceof Error && /[\u4e00-\u9fff]/.test(error.message) ? error.message : "这一页没有打开,请再试一次。";
  const said = document.createElement("p");
  said.setAttribute("role", "alert");
  said.textContent = words;
  page.replaceChildren(said);
  throw error;
}
