package io.heliodor.session.eviction;

import java.net.InetAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The acceptance of one connection, from before its connect handler is called until its session opens. A disconnect of its
 * id in that time closes it when it opens. Any thread may use it.
 */
public final class Acceptance {
    private static final ScopedValue<Acceptance> CURRENT = ScopedValue.newInstance();

    private final RecentDisconnects disconnects;

    /** The number of the last disconnect that is not meant for this connection. */
    private volatile long since;

    private final InetAddress client;

    private final long begun;

    public Acceptance(RecentDisconnects disconnects, InetAddress client, long now) {
        this.disconnects = disconnects;
        this.client = client;
        this.begun = now;
        this.since = disconnects.last();
    }

    /**
     * Calls the connect handler. A handler may disconnect earlier connections of the id that it accepts: that is not meant
     * for the new one.
     *
     * @param handler calls it
     * @param <R> the type of what it returns
     * @param <X> the type of what it throws
     * @return what it returned
     * @throws X what it threw
     */
    public <R extends @Nullable Object, X extends Throwable> R call(ScopedValue.CallableOp<? extends R, X> handler)
            throws X {
        return ScopedValue.where(CURRENT, this).call(handler);
    }

    /** An id is disconnected or kicked on the calling thread, which may be that of a connect handler. */
    public static void disconnect(RecentDisconnects disconnects, Eviction eviction) {
        long number = disconnects.add(eviction);
        if (CURRENT.isBound() && CURRENT.get().disconnects == disconnects) {
            CURRENT.get().since = number;
        }
    }

    /** The address of the client. */
    public InetAddress client() {
        return client;
    }

    /** When it began. */
    public long begun() {
        return begun;
    }

    /** The last disconnect or kick of the connection's id since. */
    public Optional<Eviction> disconnected(String id) {
        return disconnects.since(since, id);
    }
}
