/**
 * A provider of Yjs over a client of Heliodor. Types are in `yjs.d.mts`; `docs/design/documents.md` has the protocol and its reasons.
 *
 *     import { connect } from "@heliodor/client";
 *     import { openDocument } from "@heliodor/yjs";
 *
 *     const doc = new Y.Doc();
 *     const provider = openDocument(connect(new Socket("/socket")), "doc:42", doc, { awareness: new Awareness(doc) });
 */
import { applyAwarenessUpdate, encodeAwarenessUpdate, modifyAwarenessUpdate, removeAwarenessStates } from "y-protocols/awareness";
import * as Y from "yjs";

/** The time after which a missing position is read, in milliseconds: it may only be late. Up to twice as much, since others miss it, too. */
const GAP_DELAY = 1000;

/** The time between two reads, in milliseconds, for a lost broadcast that no other follows; by chance up to a half more. */
const READ_INTERVAL = 30_000;

/**
 * The time for a reply, in milliseconds. It doubles up to the second one, as long as none comes, and is longer by a millisecond for each ten
 * bytes, as a slow line needs: else each repetition would delay the next. A lost connection ends a request at once, so the time is for a
 * message that was lost on a connection which lives, and for a server that is slow.
 */
const REPLY_TIME = 10_000;
const MAX_REPLY_TIME = 120_000;
const SLOW_LINE = 10;

/** The maximum size of the reply to a read, in bytes, unless it is a single update. */
const MAX_PART = 256 << 10;

/** The delay before a refused read or write is repeated, in milliseconds, by chance up to twice as much. It doubles up to the second one. */
const RETRY_DELAY = 15_000;
const MAX_RETRY_DELAY = 300_000;

/** The part of that delay after which a store that was not available is asked again: that costs it less than reading a log. */
const UNAVAILABLE_PART = 15;

/** The bytes of a log at which a snapshot takes its place; twice as many as the last snapshot if that is larger. */
const SNAPSHOT_BYTES = 1 << 20;

/**
 * The maximum delay of a page that finds another log, in milliseconds: all pages find it, and one can fill it. Then it looks again as long as the
 * log gets what the page has, so many times: another page may need many messages for it.
 */
const REFILL_DELAY = 2000;
const MAX_LOOKS = 10;

/** The minimum time between two awareness messages, in milliseconds. */
const AWARENESS_INTERVAL = 50;

/** The time in which a page sends its state to those that came, in milliseconds for each present: all pages do, and one message is for all that come in it. */
const GREETING_TIME = 20;
const MAX_GREETING_TIME = 2000;

/** The number of top-level types of a document up to which cursors of others may name further ones. */
const MAX_TYPES = 100;

/** The maximum size of an awareness update, in bytes. */
const MAX_AWARENESS = 16 << 10;

/** The maximum number of states of awareness that are kept of clients that are not present. */
const MAX_ABSENT = 256;

/** The time after which a page that found its id in use joins with another one, in milliseconds. */
const MOVE_DELAY = 100;

/** The maximum number of updates that wait for a write, each on its own. */
const MAX_WAITING = 100;

/** The time in which a provider that was destroyed stores what it has, in milliseconds. */
const LEAVE_TIMEOUT = 30_000;

/** Of each client the providers that have not left, by topic. */
const opened = new WeakMap();

/** What shows the server that the id of an awareness is still that of the same page, over connections and providers. */
const secrets = new WeakMap();

function secretOf(awareness) {
  if (!secrets.has(awareness)) secrets.set(awareness, hex(crypto.getRandomValues(new Uint8Array(16))));
  return secrets.get(awareness);
}

/** A position or the id of a client, and bytes. */
function message(number, bytes) {
  const buffer = new ArrayBuffer(8 + bytes.length);
  new DataView(buffer).setBigUint64(0, BigInt(number));
  new Uint8Array(buffer).set(bytes, 8);
  return buffer;
}

const numberAt = (buffer, offset) => Number(new DataView(buffer).getBigUint64(offset));

/** The last position of the log, and the updates of a part of it. */
function decode(buffer) {
  const view = new DataView(buffer);
  const updates = [];
  for (let at = 8; at < buffer.byteLength; ) {
    const length = view.getUint32(at + 8);
    updates.push({ position: numberAt(buffer, at), content: new Uint8Array(buffer, at + 12, length) });
    at += 12 + length;
  }
  return { last: numberAt(buffer, 0), updates };
}

const isSame = (one, other) => one.length === other.length && one.every((byte, i) => byte === other[i]);

const hex = bytes => [...bytes].map(byte => byte.toString(16).padStart(2, "0")).join("");

/** Of an awareness update of one state: its client, its clock, and the owner of the client, which the server appends. No client for any other. */
function headOf(update) {
  let at = 0;
  const number = () => {
    for (let value = 0, factor = 1; at < update.length; factor *= 128) {
      const byte = update[at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    return undefined;
  };
  const [count, client, clock, length] = [number(), number(), number(), number()];
  return count === 1 && at + length <= update.length ? { client, clock, owner: hex(update.subarray(at + length)) } : {};
}

const isText = value => value == null || typeof value === "string";

/** Colours go into `style` attributes, and must not load anything. */
const isColor = value => value == null || (typeof value === "string" && /^(?!.*(url|image|src)\()[\w#%(),./ -]{1,64}$/i.test(value));

const isId = id => id === null || [id?.client, id?.clock].every(number => Number.isSafeInteger(number) && number >= 0);

/** Whether it is a relative position that was written as JSON. Bindings make the type that it names, if the document has none of that name. */
function isPosition(at, doc) {
  const { type, tname, item } = at ?? {};
  if (!isId(type) || !isId(item)) return false;
  if (tname === null) return type !== item;
  return typeof tname === "string" && (doc.share.has(tname) || doc.share.size < MAX_TYPES);
}

const isObject = value => value == null || typeof value === "object";

/** The default of `acceptState`. A cursor has both ends, as y-prosemirror expects; ends of a selection may be null. */
export function isEditorState({ user, cursor, selection }, doc) {
  return (
    [user, cursor, selection].every(isObject) &&
    isText(user?.name) &&
    [user?.color, user?.colorLight].every(isColor) &&
    (cursor == null || [cursor.anchor, cursor.head].every(at => isPosition(at, doc))) &&
    [selection?.anchor, selection?.head].every(at => at == null || isPosition(at, doc))
  );
}

/** The content of a log as a document, without updates that Yjs cannot read. */
function docOf(stored) {
  const copy = new Y.Doc();
  for (const update of stored) {
    try {
      Y.applyUpdate(copy, update);
    } catch {
      // the page has warned of it
    }
  }
  return copy;
}

/** The content of a log as one update, without what was deleted. */
function compacted(stored) {
  const copy = docOf(stored);
  const snapshot = Y.encodeStateAsUpdate(copy);
  copy.destroy();
  return snapshot;
}

const sizeOf = updates => updates.reduce((sum, { length }) => sum + length, 0);

const pause = millis => new Promise(resolve => setTimeout(resolve, millis));

/** The number of updates from the first on that fit into so many bytes, at least one. */
function fitting(updates, maxBytes) {
  let bytes = 0;
  const end = updates.findIndex((update, i) => (bytes += update.length) > maxBytes && i > 0);
  return end < 0 ? updates.length : end;
}

/** The same updates, merged into as few as fit. */
function merged(updates, maxBytes) {
  const groups = [];
  for (let rest = updates; rest.length > 0; ) {
    const count = fitting(rest, maxBytes);
    groups.push(count === 1 ? rest[0] : Y.mergeUpdates(rest.slice(0, count)));
    rest = rest.slice(count);
  }
  return groups;
}

/** An update of structs and of deletions, which are those without `write`. Those of a client follow each other. */
function encoded(items) {
  const encoder = new Y.UpdateEncoderV1();
  for (const isStruct of [true, false]) {
    const clients = new Map();
    for (const item of items) {
      if (!item.write === isStruct) continue;
      if (!clients.has(item.id.client)) clients.set(item.id.client, []);
      clients.get(item.id.client).push(item);
    }
    encoder.writeLen(clients.size);
    for (const [client, own] of clients) {
      if (isStruct) encoder.writeLen(own.length);
      encoder.writeClient(client);
      encoder.writeLen(isStruct ? own[0].id.clock : own.length);
      for (const item of own) {
        if (isStruct) item.write(encoder, 0);
        else for (const number of [item.id.clock, item.length]) encoder.writeLen(number);
      }
    }
  }
  return encoder.toUint8Array();
}

/** Takes the second half of a struct, such as a long text, from it; nothing if it is a single value. */
function halve(struct) {
  const { id, length, rightOrigin, parent, parentSub, content } = struct;
  let at = length >> 1;
  if (/[\ud800-\udbff]/.test(content?.str?.[at - 1])) at--; // a pair of surrogates is one character
  if (!content || at <= 0) return undefined;
  const [origin, next] = [at - 1, at].map(offset => Y.createID(id.client, id.clock + offset));
  struct.length = at;
  return new Y.Item(next, null, origin, null, rightOrigin, parent, parentSub, content.splice(at));
}

/**
 * An update in parts that fit, but for values that are larger. Yjs keeps a part until it has those that it depends on. Before 13.6 it has no
 * way to divide one.
 */
function split(update, maxBytes) {
  if (!Y.decodeUpdate || !Y.UpdateEncoderV1) return [update];
  const { structs, ds } = Y.decodeUpdate(update);
  const deletions = [...ds.clients].flatMap(([client, ranges]) => ranges.map(({ clock, len }) => ({ id: { client, clock }, length: len })));
  const parts = [[]];
  let bytes = 0;
  for (const rest = [...structs, ...deletions].reverse(); rest.length > 0; ) {
    const item = rest.pop();
    const own = encoded([item]).length;
    const right = own > maxBytes && halve(item);
    if (right) {
      rest.push(right, item);
      continue;
    }
    if (bytes > 0 && bytes + own > maxBytes) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1).push(item);
    bytes += own;
  }
  return parts.map(encoded);
}

/**
 * The content that a document cannot show until it has the updates before it. Yjs reports no change for it, and cannot write
 * it before 13.5.23.
 */
function waiting({ store: { pendingStructs, pendingDs } }) {
  const { convertUpdateFormatV2ToV1: convert = () => [] } = Y;
  return [pendingStructs?.update, pendingDs].filter(each => each).flatMap(update => convert(update));
}

/** Whether updates have more than others. Yjs writes what it merges in the order of the first one. */
function hasMore(updates, others) {
  if (others.length === 0) return updates.length > 0;
  const [both, twice] = [[...others, ...updates], [...others, ...others]].map(Y.mergeUpdates);
  return both.length !== twice.length || both.some((byte, i) => byte !== twice[i]);
}

/** The updates that lead from the content of a log to that of a document: those of `pending` one by one, and the rest. */
function lacking(stored, pending, doc) {
  const copy = docOf(stored);
  const waits = waiting(copy);
  const lacks = [];
  copy.on("update", update => lacks.push(update));
  for (const update of pending) Y.applyUpdate(copy, update);
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(copy)));
  if (hasMore(waiting(copy), waits)) lacks.push(...waiting(copy));
  copy.destroy();
  return lacks;
}

/** Makes it an uncaught exception of the page. */
function report(error) {
  if (globalThis.reportError) globalThis.reportError(error);
  else queueMicrotask(() => Promise.reject(error));
}

/**
 * Shares a document: it gets what the store of the server has, and the store gets what the document has, now and from now on.
 *
 * @param {import("@heliodor/client").Client} client the client
 * @param {string} topic the topic of the document
 * @param {Y.Doc} doc the document
 * @param {object} [options]
 * @param {import("y-protocols/awareness").Awareness} [options.awareness] is shared with the others
 * @param {(state: Record<string, any>, doc: Y.Doc) => boolean} [options.acceptState] whether the state of another page may enter the awareness
 * @param {number} [options.snapshotEvery] the number of updates after which a snapshot takes their place
 * @param {number} [options.leaveTimeout] the maximum time after `destroy()` in which changes are stored, in milliseconds
 * @returns {import("./yjs.d.mts").Provider} the provider
 */
export function openDocument(client, topic, doc, { awareness, acceptState = isEditorState, snapshotEvery = 500, leaveTimeout = LEAVE_TIMEOUT } = {}) {
  if (!opened.has(client)) opened.set(client, new Map());
  const siblings = opened.get(client);
  const results = []; // of the ends of this provider and of those before it whose changes it has
  const former = siblings.get(topic);
  if (former) results.push(former.replacedBy(doc));

  const identity = awareness ? { client: awareness.clientID, secret: secretOf(awareness) } : {};
  /** Of a join, with the id that the awareness has now. */
  const payload = () => {
    const { client, secret } = identity;
    identity.joined = client;
    return { client, secret };
  };
  const channel = client.channel(topic, payload, { retries: error => error?.reason === "client_taken" || undefined });
  const callbacks = new Set();
  const detachments = []; // from the document and the awareness
  const stops = [];
  let leaving; // the promise of `destroy()`
  let isOver = false; // whether it has left
  let isMoving = false; // whether it leaves to join with another id
  let maxBytes = 64 << 10; // until the server has told its own

  let position = 0; // the document has all updates of the log up to it
  const ahead = new Set(); // and those at these positions after it
  let hasOwn = doc.store.clients.size > 0 || waiting(doc).length > 0; // whether it may have what the log lacks, apart from `pending`
  let isCompared = !hasOwn;
  let status = { phase: "joining", saved: isCompared, writable: undefined, error: undefined };
  let isReadable = true; // until an update cannot be applied
  let owesSnapshot = false;
  let bytes = 0; // of the log, as far as the page knows
  let snapshotAt = SNAPSHOT_BYTES; // the bytes at which a snapshot is due
  let isSynced = false; // whether the log was read since the join
  let stored; // the content of the log, as far as it is read; undefined while it is not read
  let readsAgain = false;
  let readsAll = false; // whether the next read begins with the first update
  let isFull = false; // whether the store has no room until a snapshot makes some
  let gap;
  let isBlocked = false; // whether nothing is written, because of an error, until the next read
  let retry;
  let retryDelay = RETRY_DELAY;
  let replyTime = REPLY_TIME;

  let pending = []; // updates that no reply has acknowledged
  const writes = new Map(); // each update that was written without a reply so far, and those of `pending` that it has

  /** The result of a request. That the store is not available is in the status, so it is repeated here only where there is none any more. */
  async function request(name, payload, maxBytes) {
    const repeat = ({ error }) => error !== undefined && (leaving || error.reason !== "unavailable");
    const result = await channel.call(name, payload, { timeout: replyTime + maxBytes / SLOW_LINE, repeat });
    const isLate = ["timeout", "not_sent"].includes(result.status);
    replyTime = isLate ? Math.min(2 * replyTime, MAX_REPLY_TIME) : REPLY_TIME;
    return isLate ? { status: "timeout" } : result;
  }

  const write = (replaced, update) => request("write", message(replaced, update), update.length);

  function set(changes) {
    const next = { ...status, saved: pending.length === 0 && isCompared, ...changes, ...(leaving && { phase: "left" }) };
    notify(next);
    if (!next.saved) return;
    if (leaving) end();
    else for (const resolve of results.splice(0)) resolve({ saved: true });
  }

  function notify(next) {
    if (Object.keys(next).every(key => next[key] === status[key])) return;
    status = next;
    for (const callback of [...callbacks]) {
      try {
        callback(next);
      } catch (error) {
        report(error);
      }
    }
  }

  function apply(updates) {
    const applyOne = ({ position, content }) => {
      bytes += content.length;
      try {
        if (!leaving) Y.applyUpdate(doc, content, provider);
        const own = [...writes.keys()].find(each => isSame(each, content)); // whose reply is late, or was lost
        if (own) acknowledge(writes.get(own));
        writes.delete(own);
        stored?.push(content);
      } catch (error) {
        if (isReadable) console.warn(`${topic}: Yjs cannot read the update at position ${position}, nor perhaps others; they are left out`, error);
        isReadable = false;
      }
    };
    try {
      Y.transact(doc, () => updates.forEach(applyOne), provider);
    } catch (error) {
      report(error); // of an observer: the document has the updates
    }
  }

  /** The store has them. */
  function acknowledge(batch) {
    pending = pending.filter(each => !batch.includes(each));
  }

  /** The document has the update at this position. */
  function reach(reached) {
    ahead.add(reached);
    catchUp();
    replace();
    if (ahead.size > 0 && !leaving) gap ??= setTimeout(read, GAP_DELAY * (1 + Math.random()));
  }

  function catchUp() {
    for (const each of ahead) if (each <= position) ahead.delete(each);
    while (ahead.delete(position + 1)) position++;
  }

  async function read() {
    clearTimeout(gap);
    gap = undefined;
    if (channel.status.phase !== "joined") return; // the next join reads
    if (stored) {
      readsAgain = true;
      return;
    }
    do {
      readsAgain = false;
      stored = [];
      try {
        await readParts();
      } catch (error) {
        report(error);
      } finally {
        stored = undefined;
      }
    } while (readsAgain && !isOver);
  }

  async function readParts() {
    let isWhole = false; // whether `stored` has all of the log
    let count = 0;
    let isEmpty = false;
    let looks = 0; // at another log
    let seen = 0; // the end of it
    let former; // the content of this page before it
    let lacked = Infinity; // the bytes of that which it did not have
    let part = MAX_PART;
    const isAll = readsAll && retry === undefined; // the regular reads do not repeat that
    for (let after = isAll ? 0 : position; ; ) {
      const { status: outcome, reply, error } = await request("read", { after }, part);
      if (isOver || outcome === "closed") return;
      if (outcome === "timeout") {
        part = Math.max(part, maxBytes); // it may be one large update
        continue;
      }
      if (outcome === "error") return later(error.reason);
      const { last, updates } = decode(reply);
      if (last < after) {
        after = position = 0; // of another log
        isCompared = false; // which may lack what the former one had
        set({});
        ahead.clear();
        looks = 1;
        former = docOf([Y.encodeStateAsUpdate(doc)]);
        await pause(REFILL_DELAY * Math.random());
        if (isOver) return;
        continue;
      }
      if (updates.length === 0 && last > after && !isEmpty) {
        isEmpty = true; // an update that was written meanwhile: it is not here yet
        continue;
      }
      if (after === 0 || (updates.length > 0 && updates[0].position !== after + 1)) {
        isWhole = true; // a snapshot, or the first update of another log
        stored = [];
        bytes = 0;
      }
      apply(updates);
      count += updates.length;
      after = updates.at(-1)?.position ?? after;
      if (after >= last || updates.length === 0) {
        const lacks = looks > 0 && looks < MAX_LOOKS && after > seen ? sizeOf(lacking(stored, [], former)) : 0;
        if (lacks > 0 && lacks < lacked) {
          looks++;
          seen = after;
          lacked = lacks;
          await pause(REFILL_DELAY * (1 + Math.random()));
          if (isOver) return;
          continue;
        }
        position = Math.max(position, after);
        catchUp();
        break;
      }
    }
    // What was pasted and taken back is in no update of the document itself.
    if (isWhole && hasOwn) pending = lacking(stored, isAll ? [] : pending, doc);
    hasOwn = true;
    isCompared = true;
    readsAll &&= !isAll;
    if (isFull && isWhole) await makeRoom();
    isSynced = channel.status.phase === "joined";
    isBlocked = readsAll && status.error !== undefined;
    // Only a write shows that the store takes one again.
    const isAway = status.error === "unavailable" && pending.length > 0;
    if (isSynced) set({ phase: "synced", error: readsAll || isAway ? status.error : undefined });
    owesSnapshot ||= count >= snapshotEvery;
    replace();
    flush();
  }

  /** The log as it was read takes the place of its updates: this is what it contains, whatever the page has in addition. */
  async function makeRoom() {
    isFull = false;
    const snapshot = compacted(stored);
    if (status.writable && snapshot.length <= maxBytes) await write(position, snapshot);
  }

  /** Reads and writes again after an error, which may have passed then. */
  function later(error) {
    if (leaving) return end(error);
    isBlocked = true;
    set({ error });
    clearTimeout(retry);
    const delay = error === "unavailable" ? retryDelay / UNAVAILABLE_PART : retryDelay;
    retry = setTimeout(() => {
      retry = undefined;
      read();
    }, delay * (1 + Math.random()));
    retryDelay = Math.min(2 * retryDelay, MAX_RETRY_DELAY);
  }

  /**
   * Writes what waits: in one message after the reply to the one before; or all of it now, if there may be no later; and behind a join that
   * has no reply yet, if the page is left.
   */
  function flush(isLast = leaving && isCompared, isLeft = false) {
    set();
    if (leaving && isCompared && status.writable === false) return end("read_only");
    const isJoined = () => channel.status.phase === "joined" || (isLeft && channel.status.phase === "joining");
    while ((status.writable ?? isLeft) && !isBlocked && (isLast ? isJoined() : isSynced && writes.size === 0)) {
      const waiting = waitingUpdates();
      if (waiting.length === 0) return;
      const batch = waiting.slice(0, fitting(waiting, maxBytes));
      const update = batch.length === 1 ? batch[0] : Y.mergeUpdates(batch);
      if (update.length > maxBytes) {
        const parts = split(update, maxBytes);
        if (parts.length > 1) {
          pending = pending.flatMap(each => (each === update ? parts : [each]));
          continue;
        }
        readsAll = true; // it may have been taken back
        return later("too_large");
      }
      store(batch, update);
    }
  }

  /** The updates that no write has. */
  function waitingUpdates() {
    const written = new Set([...writes.values()].flat());
    return pending.filter(each => !written.has(each));
  }

  async function store(batch, update) {
    writes.set(update, batch);
    const { status: outcome, reply, error } = await write(0, update);
    const isOpen = writes.delete(update);
    if (isOver || outcome === "closed" || !isOpen) return; // a read had it
    if (outcome === "ok") {
      acknowledge(batch);
      stored?.push(update);
      bytes += update.length;
      retryDelay = RETRY_DELAY;
      if (status.error === "unavailable") set({ error: undefined });
      owesSnapshot ||= reply.position % snapshotEvery === 0 || bytes > snapshotAt;
      reach(reply.position);
    }
    if (outcome === "error") {
      isFull = readsAll = error.reason === "full";
      if (error.reason !== "read_only") return later(error.reason);
      set({ writable: false, error: error.reason });
      if (leaving) end(error.reason);
      return;
    }
    flush();
  }

  /**
   * Puts the document in the place of the updates up to `position`, while it has these and no others: a second snapshot of the same
   * position has the same content.
   */
  function replace() {
    if (leaving || !owesSnapshot || !(isReadable || bytes > snapshotAt) || !isSynced || !status.writable || pending.length > 0 || ahead.size > 0) return;
    owesSnapshot = false;
    const snapshot = Y.encodeStateAsUpdate(doc);
    bytes = snapshot.length;
    snapshotAt = Math.max(SNAPSHOT_BYTES, 2 * bytes);
    if (snapshot.length <= maxBytes) channel.call("write", message(position, snapshot));
  }

  function changed(update, origin) {
    if (origin === provider) return;
    hasOwn = true;
    pending.push(update);
    const waiting = waitingUpdates();
    if (waiting.length > MAX_WAITING) {
      const rest = new Set(waiting);
      pending = [...pending.filter(each => !rest.has(each)), ...merged(waiting, maxBytes)];
    }
    flush();
  }

  /** Joins anew, with another id. */
  function move() {
    isMoving = true;
    channel.leave();
    isMoving = false;
    set({ phase: "joining" });
    setTimeout(() => isOver || channel.join(), MOVE_DELAY);
  }

  function entered({ phase, final, reply, error, reason }) {
    if (isMoving) return;
    if (phase === "joined") {
      maxBytes = reply.max_bytes;
      replyTime = REPLY_TIME;
      clearTimeout(retry);
      retry = undefined;
      isBlocked = false;
      set({ writable: reply.write, error: undefined });
      if (leaving) leave();
      else read();
      return;
    }
    isSynced = false;
    if (leaving && (final || phase === "closed")) return end(error?.reason ?? reason ?? phase);
    // Before 1.8.16 phoenix.js reports the end of the connection after its refusal.
    if (phase === "joining" && client.status.phase === "refused" && client.status.final) return;
    if (phase === "refused" && !final) set({ phase: "joining" });
    else set({ phase, error: error?.reason ?? reason });
  }

  /** A connection that is refused for good is no state of the channel, which waits for another one. */
  function connected({ phase, final, reason, status: refusal, code }) {
    if (phase === "refused" && final) entered({ phase, final, reason: reason ?? `${refusal ?? code}` });
    else if (status.phase === "refused" && channel.status.phase === "joining") set({ phase: "joining", error: undefined });
  }

  /** Stores what it has, as far as the connection permits it now. */
  function leave() {
    flush(true);
    if (!isCompared) read();
  }

  /** Leaves. Without a reason, the store has all changes. */
  function end(reason) {
    if (isOver) return;
    isOver = true;
    for (const stop of stops) stop();
    channel.leave();
    siblings.delete(topic);
    const result = reason === undefined ? { saved: true } : { saved: false, reason, update: unsaved() };
    if (reason !== undefined) console.warn(`${topic}: ${result.update.length} bytes of changes are not saved: ${reason}`);
    notify({ ...status, saved: result.saved, phase: "left", error: reason });
    for (const resolve of results) resolve(result);
  }

  /** All changes that the store may lack. */
  const unsaved = () => (isCompared ? Y.mergeUpdates(pending) : Y.encodeStateAsUpdate(doc));

  const own = {
    /** Gives a provider of the same topic what this one has not stored; the function returned gets the end of that. */
    replacedBy(next) {
      if (!leaving && ["refused", "closed"].includes(status.phase)) provider.destroy();
      if (isOver) return () => {};
      if (!leaving) throw new Error(`"${topic}" is open on this client: destroy() its provider before you open it again`);
      if (next !== doc) Y.applyUpdate(next, unsaved());
      const heirs = results.splice(0);
      isOver = true;
      for (const stop of stops) stop();
      channel.leave();
      return result => heirs.forEach(resolve => resolve(result));
    },
  };
  siblings.set(topic, own);

  const provider = {
    doc,
    awareness,
    channel,
    get status() {
      return status;
    },
    onStatus(callback) {
      const own = next => callback(next);
      callbacks.add(own);
      return () => void callbacks.delete(own);
    },
    whenSynced() {
      return new Promise((resolve, reject) => {
        const check = ({ phase, error }) => {
          if (phase === "joining") return;
          stop();
          if (phase === "synced") resolve();
          else reject(new Error(`The document is ${phase}${error ? `: ${error}` : ""}.`));
        };
        const stop = provider.onStatus(check);
        check(status);
      });
    },
    destroy() {
      if (leaving) return leaving;
      leaving = new Promise(resolve => results.push(resolve));
      const { phase, error } = status;
      const timer = setTimeout(end, leaveTimeout, "timeout");
      stops.push(() => clearTimeout(timer));
      for (const stop of detachments) stop();
      if (pending.length === 0 && isCompared) end();
      else if (phase === "refused" || phase === "closed" || (error && error !== "unavailable")) end(error ?? phase);
      else {
        isBlocked = false;
        set({ error: undefined });
        leave();
      }
      return leaving;
    },
  };

  /** Writes at once what waits, since the page may be frozen or ended after this. */
  const hidden = () => flush(true);
  globalThis.addEventListener?.("visibilitychange", hidden);
  stops.push(client.onPageHide(() => flush(true, true)), () => globalThis.removeEventListener?.("visibilitychange", hidden));

  if (awareness) detachments.push(shareAwareness(channel, awareness, acceptState, provider, identity, move));
  const reads = setInterval(read, READ_INTERVAL * (1 + Math.random() / 2));
  doc.on("update", changed);
  doc.on("destroy", provider.destroy);
  detachments.push(
    channel.on("updated", part => {
      const { updates } = decode(part);
      apply(updates);
      for (const update of updates) reach(update.position);
    }),
    () => clearInterval(reads),
    () => clearTimeout(gap),
    () => clearTimeout(retry),
    () => doc.off("update", changed),
    () => doc.off("destroy", provider.destroy),
  );
  stops.push(channel.onStatus(entered), client.onStatus(connected));
  channel.join();
  connected(client.status);
  return provider;
}

/**
 * Sends the state of this page, and shows those of others: of each client that is present the newest state of its owner. A state and a presence
 * may come in any order.
 */
function shareAwareness(channel, awareness, acceptState, provider, identity, move) {
  const states = new Map(); // the newest state of each client and owner
  let owners = new Map(); // of each client that is present
  let refs = new Set(); // of the presences
  let timer;
  let greeting;
  let hasWarned = false;
  let docId = provider.doc.clientID;

  function send() {
    timer = undefined;
    push();
  }

  function push(sent) {
    if (channel.status.phase !== "joined") return; // the join sends it
    const update = encodeAwarenessUpdate(awareness, [awareness.clientID], sent);
    if (update.length <= Math.min(MAX_AWARENESS, channel.status.reply.max_bytes)) channel.push("awareness", update.slice().buffer);
  }

  /** Sends it anew. A state that others have removed counts only with a higher clock. */
  function renew() {
    clearTimeout(greeting);
    greeting = undefined;
    const state = awareness.getLocalState();
    if (state) awareness.setLocalState(state);
    else timer ??= setTimeout(send, AWARENESS_INTERVAL);
  }

  /** A state that is not accepted, as that of a client without one. */
  function checked(state) {
    let isAccepted = false;
    try {
      isAccepted = state === null || (typeof state === "object" && acceptState(state, provider.doc));
    } catch (error) {
      report(error);
    }
    if (!isAccepted && !hasWarned) console.warn(`${channel.topic}: a state of awareness is not accepted (see acceptState)`, state);
    hasWarned ||= !isAccepted;
    return isAccepted ? state : null;
  }

  const keyOf = client => `${client} ${owners.get(client)}`;

  function show(client) {
    const state = client !== awareness.clientID && states.get(keyOf(client));
    if (state) applyAwarenessUpdate(awareness, state.update, provider);
  }

  function hide(clients) {
    const others = clients.filter(each => each !== awareness.clientID);
    for (const each of others) awareness.meta.delete(each); // else the clock of this state would hide it when it is back
    removeAwarenessStates(awareness, others, provider);
  }

  function received(message) {
    const received = new Uint8Array(message, 8);
    const { client, clock, owner } = headOf(received);
    if (client !== numberAt(message, 0) || client === awareness.clientID) return;
    let state;
    const update = modifyAwarenessUpdate(received, sent => (state = checked(sent)));
    const key = `${client} ${owner}`;
    const before = states.get(key);
    // A removal has the clock of the state that it removes.
    if (before && (clock < before.clock || (clock === before.clock && state !== null))) return;
    states.delete(key);
    states.set(key, { clock, update });
    if (key === keyOf(client)) return show(client);
    const present = new Set([...owners.keys()].map(keyOf));
    for (const absent of [...states.keys()].filter(each => !present.has(each)).slice(0, -MAX_ABSENT)) states.delete(absent);
  }

  function arranged(entries) {
    const before = owners;
    const seen = refs;
    const metas = [...entries.values()].flatMap(each => each.metas);
    refs = new Set(metas.map(({ phx_ref }) => phx_ref));
    owners = new Map([...entries].map(([client, { metas }]) => [Number(client), metas.map(({ owner }) => owner).sort()[0]]));
    const changed = [...new Set([...before.keys(), ...owners.keys()])].filter(each => before.get(each) !== owners.get(each));
    if ([...refs].some(ref => !seen.has(ref))) greeting ??= setTimeout(renew, Math.random() * Math.min(GREETING_TIME * owners.size, MAX_GREETING_TIME));
    hide(changed);
    changed.forEach(show);
    const own = channel.status.reply?.owner;
    if (entries.get(`${awareness.clientID}`)?.metas.some(({ owner }) => owner !== own)) {
      takeAnotherId();
      move();
    }
  }

  /** Yjs does so itself when it sees that another client uses its id. */
  function takeAnotherId([id] = crypto.getRandomValues(new Uint32Array(1))) {
    const state = awareness.getLocalState();
    const former = awareness.clientID;
    if (provider.doc.clientID === former) provider.doc.clientID = id;
    identity.client = awareness.clientID = id;
    hide([former]);
    awareness.setLocalState(state);
  }

  /** Yjs gives a document another id if an update has changes under its own. */
  function renamed() {
    const id = provider.doc.clientID;
    if (id === docId) return;
    const isShared = awareness.clientID === docId;
    docId = id;
    if (!isShared) return;
    takeAnotherId([id]);
    if (channel.status.phase === "joined") move();
  }

  function changed({ added, updated, removed }, origin) {
    if (origin === provider || ![...added, ...updated, ...removed].includes(awareness.clientID)) return;
    timer ??= setTimeout(send, AWARENESS_INTERVAL);
  }

  const stops = [
    channel.on("awareness", received),
    channel.presence().onChange(arranged),
    channel.onStatus(({ phase, error }) => {
      if (phase === "joined") return identity.joined === identity.client ? renew() : move(); // or it changed while the page joined
      refs = new Set();
      owners = new Map();
      states.clear();
      hide([...awareness.getStates().keys()]);
      if (phase === "refused" && error?.reason === "client_taken") takeAnotherId();
    }),
    () => awareness.off("update", changed),
    () => provider.doc.off("afterTransactionCleanup", renamed),
    () => clearTimeout(timer),
    () => clearTimeout(greeting),
  ];
  awareness.on("update", changed);
  provider.doc.on("afterTransactionCleanup", renamed);
  return () => {
    for (const stop of stops) stop();
    push(new Map()); // the topic is left only when all is stored
    hide([...awareness.getStates().keys()]);
  };
}
