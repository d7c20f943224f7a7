/**
 * The phone's database, version by version. A step that was released is never changed; a new one is added below, with a
 * fixture of the version before it in tests/static/schemas/, because phones come back after months with a full queue.
 * @typedef {import("./lib/idb.js").IDBPDatabase} Database
 * @typedef {import("./lib/idb.js").IDBPTransaction<unknown, string[], "versionchange">} Change
 */

/** @type {((database: Database, change: Change) => void | Promise<void>)[]} */
export const STEPS = [
  (database) => {
    const commands = database.createObjectStore("commands", { keyPath: "id" });
    commands.createIndex("order", "order");
    const photos = database.createObjectStore("photos", { keyPath: "id" });
    photos.createIndex("command", "command");
    photos.createIndex("draft", "draft");
    database.createObjectStore("pictures", { keyPath: "id" });
    database.createObjectStore("receipts", { keyPath: "id" }).createIndex("order", "order");
    database.createObjectStore("drafts", { keyPath: "id" });
    database.createObjectStore("sections", { keyPath: "id" });
    database.createObjectStore("keys", { keyPath: "account" });
  },
  // So that what waits is counted without loading it: every page says how much it is.
  (_, change) => {
    const commands = change.objectStore("commands");
    for (const one of ["account", "made", "state"]) commands.createIndex(one, one);
  },
];

/**
 * Brings a database to the newest version, one step after the other, in the one transaction of the upgrade.
 * @param {Database} database
 * @param {number} from the version that the phone has, 0 if none
 * @param {Change} change
 */
export async function upgrade(database, from, change) {
  for (const step of STEPS.slice(from)) await step(database, change);
}
