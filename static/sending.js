/**
 * One pass over everything that waits: commands in their order, then the photos of those that arrived. Whatever it is
 * interrupted at, the next pass does the rest: nothing is deleted before its receipt, and sending twice is harmless.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./store.js").CommandRow} CommandRow
 * @typedef {import("./store.js").Settlement} Settlement
 * @typedef {import("./store.js").AccountRow} AccountRow
 * @typedef {import("./line.js").Line} Line
 * @typedef {import("./line.js").Receipt} Receipt
 * @typedef {{row: CommandRow, command: any}} Waiting
 */
import { Halt } from "./line.js";
import { fromBytes, seal, takeKey, toBytes, unseal } from "./sealing.js";
import { Full } from "./store.js";

export const A_REQUEST = 20;
/** After so many that the server broke off at, one by one, it is taken to be ill. */
const FAULTS = 3;

/**
 * @param {Store} store
 * @param {Line} line
 * @param {{now: () => number, sending: (ids: string[]) => void}} phone `sending` hears what is on its way
 * @returns {Promise<number>} how many have to be tried again; raises `Halt` where a pass ends early
 */
export async function pass(store, line, { now, sending }) {
  let left = 0;
  let asked = 0;
  let known = false;
  let another = false;

  /** What nobody signed in wrote is this phone's, so before it is sent the phone knows by what it is known. */
  async function introduce() {
    line.phone = await phone(store, now());
    for (let turn = 0; turn < 2 && !line.phone && (await owes(store)); turn++) {
      const answer = await ask([]);
      if (answer.kind !== "answered") return;
      await working(store, answer.body, now());
      line.phone = await phone(store, now());
    }
  }

  /** Sends what one account saved (null: nobody). @param {AccountRow | null} account */
  async function group(account) {
    let queue = await waiting(store, account);
    let size = A_REQUEST;
    let faults = 0;
    while (queue.length) {
      const taken = queue.slice(0, size);
      const batch = await opened(taken, account);
      if (!batch.length) {
        queue = queue.slice(taken.length);
        continue;
      }
      const answer = await ask(batch);
      if (answer.kind !== "answered" && batch.length > 1) {
        // One of them is the reason; smaller requests find it and let the others through.
        size = Math.ceil(taken.length / 2);
        continue;
      }
      const settled =
        answer.kind === "answered"
          ? await settlements(batch, answer.body.receipts, account, now())
          : [{ id: batch[0].row.id, outcome: await blame(answer.kind), words: answer.words }];
      await store.settle(settled);
      sending([]);
      // The first answer brought the cookie that this phone is known by; with it the same is taken.
      if (answer.kind === "answered" && !known && answer.body.receipts.some(noCookie)) {
        known = true;
        queue = await waiting(store, account);
        continue;
      }
      if (answer.kind === "answered") another = await working(store, answer.body, now());
      left += settled.filter(({ outcome }) => outcome === "kept" || outcome === "fault").length;
      if (settled[0].outcome === "fault" && ++faults >= FAULTS) throw new Halt("waiting", "服务器出了错,稍后再试。");
      queue = queue.slice(taken.length);
      size = Math.min(A_REQUEST, size * 2);
    }
  }

  /** @param {Waiting[]} batch */
  async function ask(batch) {
    asked += 1;
    sending(batch.map(({ row }) => row.id));
    const commands = batch.map(({ command }) => command);
    return line.sync(commands, await hashes(store, now()));
  }

  /**
   * What becomes of a command that got no receipt although it was sent alone. That it cannot be read is its own fault
   * only where the server reads a request without it.
   * @param {"tooBig" | "unreadable" | "fault" | "refused"} kind
   * @returns {Promise<"fault" | "need">}
   */
  async function blame(kind) {
    if (kind !== "unreadable") return kind === "fault" ? "fault" : "need";
    return (await ask([])).kind === "answered" ? "need" : "fault";
  }

  async function photos() {
    const account = await store.account(now());
    const unsent = new Set((await store.commands()).map(({ id }) => id));
    const ready = (await store.photos()).filter(
      ({ command, state, account: of }) =>
        command !== null && !unsent.has(command) && state === "saved" && (of === null || of === account?.account),
    );
    ready.sort((one, other) => one.faults - other.faults || one.size - other.size);
    let faults = 0;
    for (const photo of ready) {
      const bytes = await picture(store, photo.id, account);
      if (!bytes) continue;
      sending([photo.id]);
      const answer = await line.photo(photo, bytes);
      if (answer.kind === "answered") await store.dropPhoto(photo.id);
      else await store.markPhoto(photo.id, answer.kind === "refused" ? "need" : "saved", answer.words);
      sending([]);
      if (answer.kind === "fault") left += 1;
      if (answer.kind === "fault" && ++faults >= FAULTS) throw new Halt("waiting", answer.words);
    }
  }

  await introduce();
  await group(null);
  const account = await store.account(now());
  if (account) await group(account);
  // What was left out as known was that of who was here before.
  for (let turn = 0; turn < 2 && (another || !asked); turn++) {
    const answer = await ask([]);
    another = answer.kind === "answered" && (await working(store, answer.body, now()));
    const came = await store.account(now());
    if (came && came.account !== account?.account) await group(came);
  }
  await photos();
  return left;
}

/** The token that this phone is known by, as last told; empty where it was not yet. @param {Store} store @param {number} now */
async function phone(store, now) {
  const account = (await store.account(now))?.account ?? null;
  const told = [...(await store.sections(account)), ...(await store.sections(null))];
  return String(told.find(({ name, data }) => name === "me" && data?.phone)?.data.phone ?? "");
}

/** Whether something waits that was written while nobody was signed in. @param {Store} store */
async function owes(store) {
  return (await store.commands()).some(({ account, state }) => account === null && state === "saved");
}

/**
 * What was saved under an account, those first at which the server never broke off.
 * @param {Store} store
 * @param {AccountRow | null} account
 */
async function waiting(store, account) {
  const mine = (await store.commands()).filter(
    (row) => row.state === "saved" && row.account === (account?.account ?? null),
  );
  return mine.sort((one, other) => one.faults - other.faults || one.order - other.order);
}

/**
 * What they say; what cannot be opened is left. Only what is sent next is opened: a full phone has thousands.
 * @param {CommandRow[]} rows
 * @param {AccountRow | null} account
 */
async function opened(rows, account) {
  /** @type {Waiting[]} */
  const found = [];
  for (const row of rows) {
    const bytes = await unseal(account?.keys ?? [], `commands/${row.id}`, row.sealed).catch(() => null);
    if (bytes) found.push({ row, command: fromBytes(bytes) });
  }
  return found;
}

/**
 * What the receipts mean; a command without one, or with one of an unknown kind, is kept.
 * @param {Waiting[]} batch
 * @param {Receipt[]} receipts
 * @param {AccountRow | null} account
 * @param {number} at
 * @returns {Promise<Settlement[]>}
 */
async function settlements(batch, receipts, account, at) {
  const byId = new Map(receipts.filter((one) => one?.id).map((one) => [one.id, one]));
  return Promise.all(
    batch.map(async ({ row: { id }, command }) => {
      const receipt = byId.get(id);
      const words = receipt?.words ?? "";
      if (receipt?.outcome === "refused") {
        return { id, outcome: "need", words: words || "服务器没有收这一条。", fields: receipt.fields };
      }
      if (receipt?.outcome !== "done" && receipt?.outcome !== "already") return { id, outcome: "kept", words };
      const sealed = await seal(account?.keys[0] ?? null, `receipts/${id}`, toBytes({ command, receipt }));
      return { id, outcome: "received", receipt: { id, account: account?.account ?? null, at, sealed } };
    }),
  );
}

/** @param {Receipt | null} receipt */
function noCookie(receipt) {
  return receipt?.outcome === "not_yet" && receipt.reason === "no_cookie";
}

/** @param {Store} store @param {number} now @returns {Promise<Record<string, string>>} */
async function hashes(store, now) {
  const account = await store.account(now);
  return Object.fromEntries((await store.sections(account?.account ?? null)).map(({ name, hash }) => [name, hash]));
}

/**
 * Takes in what changed of the working set; a phone without room for it goes on sending with what it has.
 * @param {Store} store
 * @param {import("./line.js").Synced} answer
 * @param {number} now
 * @returns {Promise<boolean>} as `takeIn`
 */
async function working(store, answer, now) {
  try {
    return await takeIn(store, answer, now);
  } catch (error) {
    if (error instanceof Full) return false;
    throw error;
  }
}

/**
 * Takes in the sections of the working set that changed. `me` says whose they are and brings the key, which is kept
 * apart from them. Where nobody is signed in any more (a session that ended), what is here stays until sign-out.
 * @param {Store} store
 * @param {import("./line.js").Synced} answer
 * @param {number} now
 * @returns {Promise<boolean>} whether somebody else is signed in now, of whom not every section has come
 */
async function takeIn(store, { sections = {}, now: said = "" }, now) {
  const told = Date.parse(said) || now;
  const here = await store.account(now);
  const me = sections.me;
  if (!me) {
    if (here) await store.welcome({ account: here.account, key: null, days: here.days }, now, told);
    await store.putSections(here?.account ?? null, sections);
    return false;
  }
  const { key, ...data } = me.data;
  if (data.account) {
    await store.welcome({ account: data.account, key: key ? await takeKey(key) : null, days: data.days }, now, told);
  } else if (here) {
    throw new Halt("signIn", "登录已过期。没发出的都还在,登录后接着发。");
  }
  const before = await store.sections(here?.account ?? null);
  await store.putSections(data.account ?? null, { ...sections, me: { hash: me.hash, data } });
  return (here?.account ?? null) !== data.account && before.some(({ name }) => name !== "me" && !sections[name]);
}

/**
 * @param {Store} store
 * @param {string} id
 * @param {AccountRow | null} account
 */
async function picture(store, id, account) {
  const sealed = await store.picture(id);
  if (!sealed) return null;
  return unseal(account?.keys ?? [], `photos/${id}`, sealed).catch(() => null);
}
