package io.heliodor.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * A list on its way to a peer, page by page. Only a few pages are sent ahead of what was acknowledged: a list may be longer
 * than the queue of a session, and would end it.
 */
final class Pages<E> {
    /** The most that a page holds, unless its first entry alone is larger. */
    static final int BYTES = 32 * 1024;
    /** The most pages that are under way. */
    static final int AHEAD = 8;

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
     * A list that was not begun.
     *
     * @param entries what to send; never changed any more
     * @param size about how many bytes an entry takes
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

    /** Sends as many pages as may be under way. They are numbered from 1. */
    void send(Sink<E> sink) {
        while (!complete && sent - acknowledged < AHEAD) {
            List<E> page = new ArrayList<>();
            int bytes = 0;
            while (next < entries.size()) {
                bytes += size.applyAsInt(entries.get(next));
                if (bytes > BYTES && !page.isEmpty()) {
                    break;
                }
                page.add(entries.get(next++));
            }
            complete = next == entries.size();
            sink.page(++sent, complete, page);
        }
    }
}
