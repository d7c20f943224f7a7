/** The phone of this page: one store, one outbox, its drafts. Nothing is sent before `dispatch.start()`. */
import { Dispatch } from "./dispatch.js";
import { Drafts } from "./drafts.js";
import { Outbox } from "./outbox.js";
import { Store } from "./store.js";

/** What storage and sealing need; where it is missing (plain http, private windows) a page uses its ordinary form. */
export const ABLE = "indexedDB" in globalThis && globalThis.crypto?.subtle !== undefined;

/** @param {string} [name] of the database */
export function openPhone(name) {
  const store = new Store(name);
  const dispatch = new Dispatch(store);
  return { store, dispatch, outbox: new Outbox(store, dispatch), drafts: new Drafts(store) };
}
