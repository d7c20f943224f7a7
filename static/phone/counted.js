/** How many wait, on a page that need not send. */
import { openPhone } from "./open.js";

export async function counted() {
  const { outbox, dispatch, store } = openPhone();
  try {
    return await outbox.counts();
  } finally {
    dispatch.stop();
    await store.close();
  }
}
