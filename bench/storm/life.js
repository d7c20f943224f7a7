// One phone's life in the storm: deeds and sending, another tab, a full storage, death and a new start, a clock that is
// off, sign-out in the middle, an update of the app, an account that loses its post or closes.
import { register } from "node:module";
import { newId } from "../../static/clock.js";
import * as released from "../../tests/static/phones.js";
import { deed, told } from "./deeds.js";
import { call, Network, wait } from "./wire.js";

/** Modules that are asked for as `?newer` are there a second time, with all that they ask for themselves. */
const hook = `
  export async function resolve(specifier, context, next) {
    const found = await next(specifier, context);
    const ours = specifier.startsWith(".") && found.url.startsWith("file:") && !found.url.includes("/node_modules/");
    return ours && context.parentURL?.endsWith("?newer") ? { ...found, url: found.url + "?newer" } : found;
  }`;
register(`data:text/javascript,${encodeURIComponent(hook)}`, import.meta.url);
/** The app as the next deployment would have it: its phone's database has a version more. */
const next = await import("../../tests/static/phones.js?newer");
next.STEPS.push(() => {});

/** How many passes a queue may take once the faults have stopped. */
const PASSES = 12;
/** Names of phones whose storage is full. */
const full = new Set();
const put = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function (...values) {
  const request = put.apply(this, values);
  // As browsers do it: nothing is thrown here, the transaction ends and says why.
  const end = () => this.transaction._state !== "finished" && this.transaction._abort("QuotaExceededError");
  if (full.has(this.transaction.db.name)) queueMicrotask(end);
  return request;
};

export class Life {
  /** @param plan who it is and what there is to do @param ask has the district do something to the account */
  constructor(plan, draw, weather, met, ask) {
    Object.assign(this, { plan, draw, weather, met, ask });
    this.name = released.fresh();
    this.app = released;
    this.skew = 0;
    this.tokens = [...plan.tokens];
    this.network = new Network(this.tokens.shift() ?? "", plan.device, draw, weather, met);
    /** Everything that somebody wanted to save: acknowledged or not. */
    this.saves = [];
    this.lent = false;
  }

  async live() {
    await this.#calmly();
    for (let at = 0; at < this.plan.deeds; at++) {
      // Not waited for: it comes while the phone sends.
      if (at === this.plan.fate_at) this.fate = this.ask({ account: this.plan.account, fate: this.plan.fate });
      await this.#turn(at);
      await wait(this.draw() * this.weather.pause);
      if (this.plan.guest && this.#happens("left", 0.08)) await this.#leaves(at);
    }
  }

  /** It hears from the server once without faults, as whoever opens a page: the account and its key come with that. */
  async #calmly() {
    const calm = new Network(this.network.token, this.plan.device, this.draw, { faults: 0 }, this.met);
    const first = this.#tab({ network: calm });
    await first.dispatch.send({ now: true });
    await this.#close(first);
  }

  #tab({ network = this.network, ...more } = {}) {
    return this.app.tab(network, { name: this.name, now: () => Date.now() + this.skew, ...more });
  }

  #happens(what, likely) {
    if (this.draw() >= likely) return false;
    this.met[what] = (this.met[what] ?? 0) + 1;
    return true;
  }

  async #turn(at) {
    const mortal = this.#happens("killed", 0.25);
    const death = Math.floor(this.draw() * 12) + 1;
    const when = this.draw() < 0.5 ? "before" : "after";
    const { store } = mortal ? this.app.mortal(this.name, death, when) : {};
    if (this.#happens("clock", 0.15)) this.skew = Math.floor((this.draw() - 0.5) * 20) * 86_400_000;
    const phone = this.#tab(store ? { store } : {});
    const other = this.#happens("another tab", 0.25) ? this.#tab() : null;
    if (this.#happens("full", 0.08)) full.add(this.name);
    const done = deed(this.plan, this.draw, `${this.plan.marker} ${at}`, at);
    await this.#save(phone, done, this.plan.account);
    const sends = [phone.dispatch.send({ now: true }), other?.dispatch.send({ now: true })];
    if (this.app === released && this.#happens("updated", 0.04)) await this.#update(phone);
    await Promise.allSettled(sends);
    full.delete(this.name);
    await Promise.all([phone, other].map((one) => one && this.#close(one)));
  }

  /** Saves; what was acknowledged is noted as that, and what was not, too. */
  async #save(phone, { verb, data, photos, drafted = false }, account) {
    const save = { id: newId(), verb, data, photos: photos.map(({ id }) => id), account, acknowledged: false };
    this.saves.push(save);
    try {
      if (drafted && photos.length) {
        const draft = await phone.drafts.open(verb);
        save.id = draft.command;
        save.photos = [await draft.addPhoto(photos[0])];
        save.data = { ...data, photos: save.photos };
        await draft.save(phone.outbox, { verb, data: save.data });
      } else await phone.outbox.add({ verb, data: save.data, photos, id: save.id });
      save.acknowledged = true;
    } catch (error) {
      // It died, was full or too old: nobody was told that it is saved, and it may be there or not.
      this.met[error.name] = (this.met[error.name] ?? 0) + 1;
    }
  }

  /** The next deployment comes while this page sends: a page of the new one opens, and the old one is shut out. */
  async #update(old) {
    this.app = next;
    const page = this.#tab();
    await page.outbox.counts();
    await this.#save(old, deed(this.plan, this.draw, `${this.plan.marker} old`, this.plan.deeds), this.plan.account);
    await page.dispatch.send({ now: true });
    await this.#close(page);
  }

  /** Signs out while a pass runs; somebody else has the phone for a moment; then the first signs in again. */
  async #leaves(at) {
    const token = this.tokens.shift();
    if (!token) return;
    const phone = this.#tab();
    const sends = phone.dispatch.send({ now: true });
    await wait(this.draw() * 15);
    await this.#signOut(phone);
    await sends;
    await this.#close(phone);
    if (this.#happens("lent", 0.5)) {
      this.lent = true;
      await this.#signIn(this.plan.guest.token);
      await this.#told(`${this.plan.marker} guest ${at}`, this.plan.guest.account);
      await this.#putAway();
    } else {
      this.network.token = "";
      await this.#told(`${this.plan.marker} nobody ${at}`, null);
    }
    await this.#signIn(token);
  }

  async #told(words, account) {
    const phone = this.#tab();
    await this.#save(phone, told(this.plan, this.draw, words), account);
    await phone.dispatch.send({ now: true });
    await this.#close(phone);
  }

  /** As static/phone/sign-out.js: what is here is put away before and after the server's sign-out. */
  async #signOut(phone) {
    await phone.outbox.signOut();
    const asked = { method: "POST", headers: { "Content-Type": "application/x-www-form-urlencoded" }, body: "" };
    await call("/me/signout", asked, this.network.cookie).catch(() => {});
    await phone.outbox.signOut();
  }

  /** Somebody has the phone no more, whose session goes on elsewhere. */
  async #putAway() {
    const phone = this.#tab();
    await phone.outbox.signOut();
    await this.#close(phone);
  }

  async #signIn(token) {
    this.network.token = token;
    await this.#calmly();
  }

  async #close({ dispatch, store }) {
    dispatch.stop();
    await store.close();
  }

  /** The faults have stopped: everybody who used this phone sends what is left. What became of it, for the judge. */
  async end() {
    const turns = [[this.plan.account, this.network.token]];
    if (this.lent) turns.push([this.plan.guest.account, this.plan.guest.token]);
    const passes = [];
    const left = new Map();
    const photos = new Map();
    await this.fate;
    const began = Date.now();
    for (const [account, token] of turns) {
      if (turns.length > 1) await this.#putAway();
      this.network.token = token;
      const phone = this.#tab();
      const drained = await this.app.drain(phone, PASSES);
      passes.push({ account, passes: Number.isFinite(drained) ? drained : null, ...phone.dispatch.status });
      for (const { id, state, words } of await phone.outbox.list()) left.set(id, { state, words: words ?? "" });
      for (const { id, command } of await phone.store.photos()) if (command) photos.set(id, command);
      for (const { id } of await phone.store.commands()) if (!left.has(id)) left.set(id, { state: "kept", words: "" });
      await this.#close(phone);
    }
    const sent = await this.#gone(photos, left);
    return { passes, took: Date.now() - began, saves: this.saves, ...sent };
  }

  /** What is still on the phone in the end; a later turn may have sent what an earlier one could not. */
  async #gone(photos, left) {
    const phone = this.#tab();
    const there = new Set((await phone.store.commands()).map(({ id }) => id));
    const pictures = new Set((await phone.store.photos()).map(({ id }) => id));
    await this.#close(phone);
    const waiting = [...photos].filter(([id]) => pictures.has(id));
    for (const [, command] of waiting) there.add(command);
    const records = [...left].filter(([id, { state }]) => there.has(id) || state === "need");
    return { left: Object.fromEntries(records), photos: Object.fromEntries(waiting) };
  }
}
