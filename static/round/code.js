/** Codes of labels as people read and type them. Pure; in step with server/patrols/codes.py, which has the last word. */

/** @type {{ [sign: string]: string }} */
const MEANT = { O: "0", I: "1", L: "1", Z: "2", U: "V" };

/** A code as it is meant: no hyphens or blanks, letters that are in no code are those that look like them. @param {string} typed */
export function plain(typed) {
  const signs = typed
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
  return signs.replace(/[OILZU]/g, (sign) => MEANT[sign] ?? sign);
}

/** As people read it out: ABCDE-FGHJK. @param {string} code */
export function spaced(code) {
  return code.length === 10 ? `${code.slice(0, 5)}-${code.slice(5)}` : code;
}

/**
 * The first place of these lists with this id, or with the code that this means.
 * @template {{id: string, code: string}} Place
 * @param {string} asked
 * @param {...(readonly Place[] | null | undefined)} lists
 * @returns {Place | null}
 */
export function placeBy(asked, ...lists) {
  const code = plain(asked);
  const fits = (/** @type {Place} */ one) => one.id === asked || plain(one.code) === code;
  for (const list of lists) {
    const found = list?.find(fits);
    if (found) return found;
  }
  return null;
}
