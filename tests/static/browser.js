// What the phone's modules find in a browser, for Node: IndexedDB, and the libraries under the paths they are served at.
import "fake-indexeddb/auto";
import { register } from "node:module";

const LIBRARIES = { "idb.js": "idb" };
const hook = `
  const libraries = ${JSON.stringify(LIBRARIES)};
  export async function resolve(specifier, context, next) {
    const found = /\\/lib\\/([\\w-]+\\.js)$/.exec(specifier);
    return next(found ? libraries[found[1]] : specifier, context);
  }`;
register(`data:text/javascript,${encodeURIComponent(hook)}`, import.meta.url);

let made = 0;

/** A name for a database that no other test has. */
export function fresh() {
  made += 1;
  return `phone-${process.pid}-${made}`;
}
