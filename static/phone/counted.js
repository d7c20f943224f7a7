/** How many wait, on a page that need not send. */
import { withPhone } from "./open.js";

export function counted() {
  return withPhone(({ outbox }) => outbox.counts());
}
