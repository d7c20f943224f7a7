/** The phone of this page: one store, one outbox, its drafts. Nothing is sent before `dispatch.start()`. */
import { Dispatch } from "./dispatch.js";
import { Drafts } from "./drafts.js";
import { Outbox } from "./outbox.js";
import { Store } from "./store.js";

export { ABLE } from "./able.js";
export { Draft } from "./drafts.js";

/** @param {string} [name] of the database */
export function openPhone(name) {
  const store = new Store(name);
  const dispatch = new Dispatch(store);
  return { store, dispatch, outbox: new Outbox(store, dispatch), drafts: new Drafts(store) };
}
