package io.heliodor.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * A list that is sent to a peer in pages, with a window: a long list would overflow the queue of the session and end it.
 */
final class Pages<E> {
    /** The maximum bytes of a page, unless its first entry alone is larger. */
    static final int MAX_BYTES = 32 * 1024;
    /** The maximum number of pages that are not acknowledged. */
    static final int WINDOW = 8;

    /** Sends a page. */
    @FunctionalInterface
    interface Sink<E> {
        void page(int part, boolean last, List<E> entries);
    }

    private final List<E> entries;
    private final ToIntFunction<? super E> size;
    private int next;
    private int sent;
    private int acknowledged;
    private boolean complete;

    /**
     * A list of which no page was sent.
     *
     * @param entries the list; never changed
     * @param size the approximate bytes of an entry
     */
    Pages(List<E> entries, ToIntFunction<? super E> size) {
        this.entries = entries;
        this.size = size;
    }

    /** Whether the last page was sent. */
    boolean complete() {
        return complete;
    }

    void acknowledge(int parts) {
        acknowledged = Math.clamp(parts, acknowledged, sent);
    }

    /** Sends pages while the window is open. They are numbered from 1. */
    void send(Sink<E> sink) {
        while (!complete && sent - acknowledged < WINDOW) {
            List<E> page = new ArrayList<>();
            int bytes = 0;
            while (next < entries.size()) {
                bytes += size.applyAsInt(entries.get(next));
                if (bytes > MAX_BYTES && !page.isEmpty()) {
                    break;
                }
                page.add(entries.get(next++));
            }
            complete = next == entries.size();
            sink.page(++sent, complete, page);
        }
    }
}
