/**
 * A provider of Yjs over a client of Heliodor. Types are in `yjs.d.mts`; `docs/design/documents.md` has the protocol and its reasons.
 *
 *     import { connect } from "@heliodor/client";
 *     import { openDocument } from "@heliodor/yjs";
 *
 *     const doc = new Y.Doc();
 *     const provider = openDocument(connect(new Socket("/socket")), "doc:42", doc, { awareness: new Awareness(doc) });
 */
import { applyAwarenessUpdate, encodeAwarenessUpdate, removeAwarenessStates } from "y-protocols/awareness";
import * as Y from "yjs";

/** The time after which a missing position is read, in milliseconds: it may only be late. */
const GAP_DELAY = 1000;

/** The time between two reads, in milliseconds, for a lost broadcast that no other follows. */
const READ_INTERVAL = 30_000;

/** The minimum time between two awareness messages, in milliseconds. */
const AWARENESS_INTERVAL = 50;

/** The maximum size of an awareness update, in bytes. */
const MAX_AWARENESS = 16 << 10;

/** The maximum number of updates that wait for a write, each on its own. */
const MAX_WAITING = 100;

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

/** The updates that lead from the content of a log to that of a document: those of `pending` one by one, and the rest. */
function lacking(stored, pending, doc) {
  const copy = new Y.Doc();
  for (const update of stored) Y.applyUpdate(copy, update);
  const lacks = [];
  copy.on("update", update => lacks.push(update));
  for (const update of pending) Y.applyUpdate(copy, update);
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(copy)));
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
 * @param {number} [options.snapshotEvery] the number of updates after which a snapshot takes their place
 * @returns {import("./yjs.d.mts").Provider} the provider
 */
export function openDocument(client, topic, doc, { awareness, snapshotEvery = 500 } = {}) {
  const channel = client.channel(topic, awareness ? { client: awareness.clientID } : {});
  const callbacks = new Set();
  const stops = [];
  let status = { phase: "joining", saved: true, writable: undefined, error: undefined };
  let isDestroyed = false;
  let maxBytes = 0;

  let position = 0; // the document has all updates of the log up to it
  const ahead = new Set(); // and those at these positions after it
  let hasOwn = doc.store.clients.size > 0; // whether it may have what the log lacks, apart from `pending`
  let mayReplace = true; // until an update cannot be applied
  let owesSnapshot = false;
  let isSynced = false; // whether the log was read since the join
  let stored; // the content of the log, as far as it is read; undefined while it is not read
  let readsAgain = false;
  let gap;

  let pending = []; // updates that no reply has acknowledged
  let writing; // those of them that a write under way has

  function set(changes) {
    const next = { ...status, saved: pending.length === 0, ...changes };
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
    const applyOne = ({ content }) => {
      try {
        Y.applyUpdate(doc, content, provider);
        stored?.push(content);
      } catch (error) {
        mayReplace = false;
        report(error);
      }
    };
    Y.transact(doc, () => updates.forEach(applyOne), provider);
  }

  /** The document has the update at this position. */
  function reach(reached) {
    ahead.add(reached);
    catchUp();
    replace();
    if (ahead.size > 0) gap ??= setTimeout(read, GAP_DELAY);
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
      await readParts();
      stored = undefined;
    } while (readsAgain && !isDestroyed);
  }

  async function readParts() {
    let isWhole = false; // whether `stored` has all of the log
    let count = 0;
    for (let after = position; ; ) {
      const { status: outcome, reply, error } = await channel.call("read", { after }, { repeat: true });
      if (isDestroyed || outcome === "closed") return;
      if (outcome === "timeout") continue;
      if (outcome === "error") return set({ error: error.reason });
      const { last, updates } = decode(reply);
      if (last < after) {
        after = position = 0; // of another log
        ahead.clear();
        continue;
      }
      if (after === 0 || (updates.length > 0 && updates[0].position !== after + 1)) {
        isWhole = true; // a snapshot, or the first update of another log
        stored = [];
      }
      apply(updates);
      count += updates.length;
      after = updates.at(-1)?.position ?? last;
      if (after >= last) {
        position = Math.max(position, after);
        catchUp();
        break;
      }
    }
    if (isWhole && hasOwn) pending = lacking(stored, pending, doc);
    hasOwn = true;
    isSynced = channel.status.phase === "joined";
    if (isSynced) set({ phase: "synced" });
    owesSnapshot ||= count >= snapshotEvery;
    replace();
    flush();
  }

  /** Writes what waits, one message at a time. */
  async function flush() {
    set();
    while (!writing && isSynced && status.writable && !status.error && pending.length > 0) {
      const batch = pending.slice(0, fitting(pending, maxBytes));
      const update = batch.length === 1 ? batch[0] : Y.mergeUpdates(batch);
      if (update.length > maxBytes) return set({ error: "too_large" });
      writing = batch;
      const { status: outcome, reply, error } = await channel.call("write", message(0, update), { repeat: true });
      writing = undefined;
      if (isDestroyed || outcome === "closed") return;
      if (outcome === "ok") {
        pending = pending.filter(each => !batch.includes(each));
        stored?.push(update);
        owesSnapshot ||= reply.position % snapshotEvery === 0;
        reach(reply.position);
      }
      set(outcome === "error" ? { error: error.reason } : undefined);
    }
  }

  /**
   * Puts the document in the place of the updates up to `position`, while it has these and no others: a second snapshot of the same
   * position has the same content.
   */
  function replace() {
    if (!owesSnapshot || !mayReplace || !isSynced || !status.writable || pending.length > 0 || ahead.size > 0) return;
    owesSnapshot = false;
    const snapshot = Y.encodeStateAsUpdate(doc);
    if (snapshot.length <= maxBytes) channel.call("write", message(position, snapshot));
  }

  function changed(update, origin) {
    if (origin === provider) return;
    hasOwn = true;
    pending.push(update);
    if (pending.length - (writing?.length ?? 0) > MAX_WAITING) {
      const isUnderWay = each => writing?.includes(each) === true;
      pending = [...pending.filter(isUnderWay), ...merged(pending.filter(each => !isUnderWay(each)), maxBytes)];
    }
    flush();
  }

  function entered({ phase, final, reply, error, reason }) {
    if (phase === "joined") {
      maxBytes = reply.max_bytes;
      set({ writable: reply.write, error: undefined });
      read();
      return;
    }
    isSynced = false;
    if (phase === "refused" && !final) set({ phase: "joining" });
    else set({ phase, error: error?.reason ?? reason });
  }

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
      if (status.phase === "synced") return Promise.resolve();
      return new Promise(resolve => {
        const stop = provider.onStatus(({ phase }) => {
          if (phase !== "synced") return;
          stop();
          resolve();
        });
      });
    },
    destroy() {
      if (isDestroyed) return;
      isDestroyed = true;
      for (const stop of stops) stop();
      channel.leave();
      set({ phase: "left" });
    },
  };

  if (awareness) stops.push(shareAwareness(channel, awareness, provider));
  const reads = setInterval(read, READ_INTERVAL);
  doc.on("update", changed);
  doc.on("destroy", provider.destroy);
  stops.push(
    channel.on("updated", part => {
      const { updates } = decode(part);
      apply(updates);
      for (const update of updates) reach(update.position);
    }),
    channel.onStatus(entered),
    () => clearInterval(reads),
    () => clearTimeout(gap),
    () => doc.off("update", changed),
    () => doc.off("destroy", provider.destroy),
  );
  channel.join();
  return provider;
}

/** Sends the state of this page, and removes those of clients that have disappeared. */
function shareAwareness(channel, awareness, provider) {
  let present = new Map();
  let timer;

  function send() {
    timer = undefined;
    if (channel.status.phase !== "joined") return; // the join sends it
    const update = encodeAwarenessUpdate(awareness, [awareness.clientID]);
    if (update.length <= MAX_AWARENESS) channel.push("awareness", update.slice().buffer);
  }

  /** Sends it anew. A state that others have removed counts only with a higher clock. */
  function renew() {
    const state = awareness.getLocalState();
    if (state) awareness.setLocalState(state);
  }

  function remove(clients) {
    const others = clients.filter(each => each !== awareness.clientID);
    removeAwarenessStates(awareness, others, provider);
  }

  function changed({ added, updated, removed }, origin) {
    if (origin === provider || ![...added, ...updated, ...removed].includes(awareness.clientID)) return;
    timer ??= setTimeout(send, AWARENESS_INTERVAL);
  }

  const stops = [
    channel.on("awareness", received => applyAwarenessUpdate(awareness, new Uint8Array(received, 8), provider)),
    channel.presence().onChange(entries => {
      const before = new Set([...present.values()].flatMap(({ metas }) => metas.map(({ phx_ref }) => phx_ref)));
      const hasNew = [...entries].some(([, { metas }]) => metas.some(({ phx_ref }) => !before.has(phx_ref)));
      remove([...present.keys()].filter(key => !entries.has(key)).map(Number));
      present = entries;
      if (hasNew) renew();
    }),
    channel.onStatus(({ phase }) => {
      if (phase === "joined") renew();
      else remove([...awareness.getStates().keys()]);
    }),
    () => awareness.off("update", changed),
    () => clearTimeout(timer),
  ];
  awareness.on("update", changed);
  return () => {
    for (const stop of stops) stop();
    remove([...awareness.getStates().keys()]);
  };
}
