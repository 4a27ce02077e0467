import type { Channel, Client } from "@heliodor/client";
import type { Awareness } from "y-protocols/awareness";
import type { Doc } from "yjs";

/** The state of a provider. Each change makes another object. */
export interface DocumentStatus {
  /**
   * `joining` until the document has what the store had at the join, also after a lost connection; then `synced`. `refused` after a final
   * refusal, `closed` if the server ended the channel, `left` from `destroy()` on.
   */
  phase: "joining" | "synced" | "refused" | "closed" | "left";
  /** Whether the store has all that this page changed. */
  saved: boolean;
  /** Whether this page may change the document; undefined before the first join. */
  writable: boolean | undefined;
  /**
   * Why the document is not shared or not saved: the reason of a refusal, `too_large` if a single value is larger than the server takes, `full` if
   * the document is. Changes stay in the document of the page, and are sent after the next join.
   */
  error: string | undefined;
}

/** Shares one document. */
export interface Provider {
  readonly doc: Doc;
  readonly awareness: Awareness | undefined;
  readonly channel: Channel;
  readonly status: DocumentStatus;
  /** Adds a callback for each change of the status; the function returned removes it. */
  onStatus(callback: (status: DocumentStatus) => void): () => void;
  /** Resolves once the document has what the store had at the join. */
  whenSynced(): Promise<void>;
  /**
   * Ends the sharing at once, and leaves the topic when the store has the changes of this page: without a connection also after the next join,
   * but after `leaveTimeout` in any case. The document and the awareness stay as they are. The end of the `Doc` does the same.
   * Each call returns the same promise, which is never rejected.
   */
  destroy(): Promise<DocumentEnd>;
}

/** What became of the changes of a page: the store has them all, or it may lack `update`, an update of Yjs that the page may keep. */
export type DocumentEnd = { saved: true } | { saved: false; reason: string; update: Uint8Array };

export interface DocumentOptions {
  /** Is shared with the others. */
  awareness?: Awareness;
  /**
   * Whether the state of another page, which is an object, may enter the awareness: by default `isEditorState`. A state that is not accepted
   * counts as none; an exception is reported, and counts as false.
   */
  acceptState?: (state: Record<string, any>, doc: Doc) => boolean;
  /** The number of updates after which a snapshot takes their place in the store: 500 by default. */
  snapshotEvery?: number;
  /** The maximum time after `destroy()` in which changes are stored, in milliseconds: 30 s by default. */
  leaveTimeout?: number;
}

/**
 * Shares a document: it gets what the store of the server has, and the store gets what the document has, now and from now on. A client opens
 * each topic once: a second provider is an error until the first is destroyed, and then takes over what that one has not stored.
 */
export function openDocument(client: Client<any>, topic: string, doc: Doc, options?: DocumentOptions): Provider;

/**
 * Whether the bindings of editors can show a state: `cursor` and `selection` have `anchor` and `head`, which are positions of
 * Yjs, `user.name` is a text, `user.color` and `user.colorLight` are colours. Bindings such as y-codemirror.next do not
 * check what another page sent.
 */
export function isEditorState(state: Record<string, any>, doc: Doc): boolean;
