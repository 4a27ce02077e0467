package io.heliodor.document;

import java.util.List;
import java.util.Objects;

/**
 * The updates of documents: a log for each document, in which each update has a position. Several nodes share one store, such as a
 * database.
 *
 * <p><b>Positions.</b> The position of an update is one more than that of the update before. An update becomes visible only when all
 * updates at lower positions are. So a write holds a lock of its document until it is committed; a sequence of a database is not enough,
 * since its numbers may be committed in another order. The first position of a log is greater than all positions that an earlier log of
 * the document had, such as the time in microseconds, and at most 2^53.
 *
 * <p><b>Threads:</b> virtual threads, several at once, also for one document. <b>Blocking:</b> allowed.
 */
public interface DocumentStore {
    /** The maximum size of a document in {@link #inMemory()}. */
    int MAX_BYTES_IN_MEMORY = 16 << 20;

    /**
     * Returns updates of a document, in order.
     *
     * @param document the topic of the document
     * @param after the position after which they begin; 0 for all
     * @param maxBytes the number of bytes after which no further update is returned, as {@link Update#size} counts them; the first one is
     *     returned whatever its size
     * @return the updates; none if the document has no update after the position, or no update at all
     * @throws Exception on any failure, see {@link #write}
     */
    Stored read(String document, long after, int maxBytes) throws Exception;

    /**
     * Stores an update, in one transaction: it is stored when this returns, and not at all if this throws.
     *
     * @param document the topic of the document
     * @param update the update; not changed afterwards
     * @param replaced 0 to add the update after all others. Otherwise the update is a snapshot, which contains the updates of all positions up
     *     to this one: if the log has an update at exactly this position, the snapshot takes its place, and all updates before it are removed;
     *     else nothing is changed
     * @return the position of the update; 0 if nothing was changed
     * @throws DocumentFullException if the document would be larger than the store permits
     * @throws Exception on any other failure. The channel ends as after any exception of a handler, unless the exception is
     *     {@linkplain io.heliodor.channel.Channel.Builder#onException declared}: clients repeat their request after the reason
     *     {@code unavailable}
     */
    long write(String document, byte[] update, long replaced) throws Exception;

    /**
     * Returns the number of documents that the store has dropped to make room for others.
     *
     * @return 0, unless the store drops documents
     */
    default long dropped() {
        return 0;
    }

    /**
     * Returns a store in the memory of this JVM, for tests and for a single node: it ends with the JVM. Each document has at most
     * {@link #MAX_BYTES_IN_MEMORY}, and all together an eighth of the maximum heap; each update counts 128 bytes more, each document 1 KiB.
     *
     * <p>If all together have reached their limit, the document that holds most makes room. A write to another document drops it, so that pages
     * which still have it store it again as a new one; a write to itself is refused. So of N documents, one that holds less than an Nth of
     * the limit is neither refused nor dropped, whatever the others hold. The store does not know who writes: a client that may open any
     * number of topics can leave little of the limit to each of the others.
     *
     * @return a new store
     */
    static DocumentStore inMemory() {
        return new MemoryStore(MAX_BYTES_IN_MEMORY, Runtime.getRuntime().maxMemory() / 8, MemoryStore::micros);
    }

    /**
     * A part of a log.
     *
     * @param last the last position of the log; 0 if it is empty
     * @param updates of the part, in order
     */
    record Stored(long last, List<Update> updates) {
        /** Copies the list. */
        public Stored {
            updates = List.copyOf(Objects.requireNonNull(updates, "updates"));
        }
    }

    /**
     * An update in a log.
     *
     * @param position the position
     * @param content the update
     */
    @SuppressWarnings("ArrayRecordComponent") // written once, to a message
    record Update(long position, byte[] content) {
        /** Checks that the content is not null. */
        public Update {
            Objects.requireNonNull(content, "content");
        }

        /**
         * The bytes that the update takes in a message: the content, its position, and its length.
         *
         * @return 12 more than the content has
         */
        public int size() {
            return Long.BYTES + Integer.BYTES + content.length;
        }
    }
}
