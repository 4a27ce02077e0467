package io.heliodor.client.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The frames for the open connection. One is in the hands of the socket, the others wait. */
final class SendQueue {
    private final ArrayDeque<Outgoing> frames = new ArrayDeque<>();
    private boolean inFlight;
    private boolean isOpen;
    private long refs;

    void open() {
        isOpen = true;
    }

    /** Accepts no further frames. Those that wait can still be sent. */
    void close() {
        isOpen = false;
    }

    /** Whether frames can be queued for the connection. */
    boolean isOpen() {
        return isOpen;
    }

    String nextRef() {
        return Long.toString(++refs);
    }

    void add(Outgoing frame) {
        frames.add(frame);
    }

    /** The next frame, if the socket takes one. It counts as sent from now on. */
    @Nullable
    Outgoing next() {
        if (inFlight || frames.isEmpty()) {
            return null;
        }
        inFlight = true;
        return frames.poll();
    }

    void sent() {
        inFlight = false;
    }

    /** Removes the frames that fit, in order: they have not been sent. */
    List<Outgoing> remove(Predicate<Outgoing> fits) {
        List<Outgoing> removed = new ArrayList<>();
        for (Iterator<Outgoing> each = frames.iterator(); each.hasNext(); ) {
            Outgoing frame = each.next();
            if (fits.test(frame)) {
                each.remove();
                removed.add(frame);
            }
        }
        return removed;
    }

    /** Begins anew for another connection. */
    List<Outgoing> reset() {
        inFlight = false;
        List<Outgoing> unsent = new ArrayList<>(frames);
        frames.clear();
        return unsent;
    }

    boolean isDone() {
        return !inFlight && frames.isEmpty();
    }
}
