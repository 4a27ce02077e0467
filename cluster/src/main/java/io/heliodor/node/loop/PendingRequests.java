package io.heliodor.node.loop;

import io.heliodor.link.Peer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Requests that wait for a result, each with a number of its own. Any thread may use it.
 *
 * @param <T> the type of the results
 */
public final class PendingRequests<T> {
    private record Pending<T>(@Nullable Peer to, CompletableFuture<T> result) {}

    private final AtomicLong ids = new AtomicLong();
    private final Map<Long, Pending<T>> pending = new ConcurrentHashMap<>();
    private volatile @Nullable T last;

    /** Adds a request that this node answers itself. Returns its number. */
    public long add(CompletableFuture<T> result) {
        return put(new Pending<>(null, result));
    }

    /** Adds a request to a peer. Returns its number. */
    public long add(Peer to, CompletableFuture<T> result) {
        return put(new Pending<>(to, result));
    }

    private long put(Pending<T> request) {
        long id = ids.incrementAndGet();
        pending.put(id, request);
        // Looked at after the request was added: either close finds it, or it is completed here.
        T closed = last;
        if (closed != null) {
            complete(id, closed);
        }
        return id;
    }

    public int size() {
        return pending.size();
    }

    /** The numbers of the requests to a peer. */
    public List<Long> to(Peer peer) {
        return pending.entrySet().stream()
                .filter(each -> peer.equals(each.getValue().to()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Completes a request, if it still waits. */
    public void complete(long id, T result) {
        Pending<T> request = pending.remove(id);
        if (request != null) {
            request.result().complete(result);
        }
    }

    /** Completes a request with the reply of a peer, if it was sent to that peer. */
    public void complete(Peer from, long id, T result) {
        Pending<T> request = pending.get(id);
        if (request != null && from.equals(request.to())) {
            complete(id, result);
        }
    }

    /** Completes all requests to peers with a property. */
    public void completeTo(Predicate<Peer> peers, T result) {
        pending.forEach((id, request) -> {
            if (request.to() != null && peers.test(Objects.requireNonNull(request.to()))) {
                complete(id, result);
            }
        });
    }

    public void completeAll(T result) {
        pending.keySet().forEach(id -> complete(id, result));
    }

    /** Removes a request whose caller waits no more. */
    public void remove(long id) {
        pending.remove(id);
    }

    /** Completes all requests, and from now on each one that is added. */
    public void close(T result) {
        last = result;
        completeAll(result);
    }
}
