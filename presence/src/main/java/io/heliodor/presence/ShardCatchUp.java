package io.heliodor.presence;

import io.heliodor.binary.DecodeException;
import io.heliodor.exchange.ReplicaComparison;
import io.heliodor.presence.crdt.CopyPage;
import io.heliodor.presence.crdt.Delta;
import io.heliodor.presence.crdt.Entry;
import io.heliodor.presence.crdt.ReplicaId;
import io.heliodor.presence.crdt.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * An exchange with another node that fetches missing changes. A request has the versions that are known here; the response has the
 * later changes, in parts of bounded size. Requests are repeated until nothing is missing. Used by one thread.
 */
final class ShardCatchUp<M> implements ReplicaComparison {
    /** A response ends with the part that exceeds this. */
    private static final int MAX_RESPONSE_BYTES = 256 << 10;

    private static final int MAX_PAGE_ENTRIES = 500;

    /**
     * The progress of a copy that is received in pages.
     *
     * @param replica the replica that is copied
     * @param shard the number of the shard
     * @param after the counter after which the next page begins
     */
    record CopyProgress(ReplicaId replica, int shard, long after) {}

    /**
     * A request.
     *
     * @param known the known versions of each replica, one for each shard
     * @param copies the copies that have begun
     */
    record Request(Map<ReplicaId, List<Long>> known, List<CopyProgress> copies) {}

    /** A part of a response: changes of one replica in one shard. */
    sealed interface Part<M> {
        int shard();

        record Changed<M>(int shard, Delta<M> delta) implements Part<M> {}

        record Copied<M>(int shard, CopyPage<M> page) implements Part<M> {}
    }

    /**
     * A response.
     *
     * @param parts changes that the sender of the request lacks
     * @param more whether there are more of them
     */
    record Response<M>(List<Part<M>> parts, boolean more) {}

    private record CopyKey(ReplicaId replica, int shard) {}

    /** The received pages of a copy. They are merged together, when the copy is complete: readers never see a part of it. */
    private static final class Pages<M> {
        private final long version;
        private final List<Entry<M>> entries = new ArrayList<>();
        private long after;

        Pages(long version) {
            this.version = version;
        }
    }

    private final List<Shard<M>> shards;
    private final ReplicationFormat<M> format;
    private final Map<CopyKey, Pages<M>> copies = new HashMap<>();

    private final Supplier<List<ReplicaId>> requested;
    private final Runnable completed;
    private boolean more = true;

    /**
     * A comparison with a node.
     *
     * @param requested the replicas whose changes are requested, as of each request
     * @param completed runs when the node has responded to all requests
     */
    ShardCatchUp(
            List<Shard<M>> shards,
            ReplicationFormat<M> format,
            Supplier<List<ReplicaId>> requested,
            Runnable completed) {
        this.shards = shards;
        this.format = format;
        this.requested = requested;
        this.completed = completed;
    }

    @Override
    public Optional<byte[]> next() {
        return more ? Optional.of(request(requested.get())) : Optional.empty();
    }

    @Override
    public void merge(byte[] response) throws DecodeException {
        more = apply(response);
    }

    @Override
    public void complete() {
        completed.run();
    }

    /** The request for missing changes of some replicas. */
    private byte[] request(List<ReplicaId> replicas) {
        Map<ReplicaId, List<Long>> known = new HashMap<>();
        for (ReplicaId replica : replicas) {
            known.put(
                    replica,
                    shards.stream()
                            .map(shard -> shard.latest().version(replica))
                            .toList());
        }
        List<CopyProgress> begun = new ArrayList<>();
        copies.forEach((key, pages) -> begun.add(new CopyProgress(key.replica(), key.shard(), pages.after)));
        return format.write(new Request(known, begun));
    }

    /** The response to a request of another node. */
    static <M> byte[] respond(byte[] bytes, List<Shard<M>> shards, ReplicationFormat<M> format) {
        Request request = format.readRequest(bytes)
                .orElseThrow(
                        () -> new IllegalArgumentException("Another node asked in a format that is unknown here."));
        ReplicationFormat<M>.ResponseWriter response = format.responseWriter();
        for (Map.Entry<ReplicaId, List<Long>> known : request.known().entrySet()) {
            for (Shard<M> shard : shards) {
                State<M> state = shard.latest();
                long theirs = known.getValue().get(shard.number());
                if (state.version(known.getKey()) <= theirs) {
                    continue;
                }
                if (response.size() >= MAX_RESPONSE_BYTES) {
                    return response.toBytes(true);
                }
                add(response, shard.number(), state, known.getKey(), theirs, request.copies());
            }
        }
        return response.toBytes(false);
    }

    private static <M> void add(
            ReplicationFormat<M>.ResponseWriter response,
            int shard,
            State<M> state,
            ReplicaId replica,
            long known,
            List<CopyProgress> copies) {
        Optional<Delta<M>> delta = state.since(replica, known)
                .filter(each -> each.added().size() + each.removed().size() <= Shard.MAX_DELTA_CHANGES);
        if (delta.isPresent() && response.add(shard, delta.get(), MAX_RESPONSE_BYTES)) {
            return;
        }
        long after = copies.stream()
                .filter(each -> each.shard() == shard && each.replica().equals(replica))
                .mapToLong(CopyProgress::after)
                .filter(begun -> begun < state.version(replica))
                .findFirst()
                .orElse(0);
        response.add(shard, state.page(replica, after, MAX_PAGE_ENTRIES), MAX_RESPONSE_BYTES);
    }

    /** Merges a response; returns whether another request is to follow. */
    private boolean apply(byte[] bytes) throws DecodeException {
        Response<M> response = format.readResponse(bytes)
                .orElseThrow(() -> new DecodeException("Its response has a format that is unknown here."));
        Set<CopyKey> advanced = new HashSet<>();
        for (Part<M> part : response.parts()) {
            Shard<M> shard = shards.get(part.shard());
            switch (part) {
                case Part.Changed<M>(int _, Delta<M> delta) -> {
                    copies.remove(new CopyKey(delta.replica(), part.shard()));
                    boolean _ = shard.merge(delta);
                }
                case Part.Copied<M>(int _, CopyPage<M> page) -> {
                    if (copy(shard, page)) {
                        advanced.add(new CopyKey(page.replica(), part.shard()));
                    }
                }
            }
        }
        if (!response.more()) {
            // Copies without a page: their replica left the view of the other node, or its changes came from elsewhere.
            copies.keySet().retainAll(advanced);
        }
        return (response.more() && !response.parts().isEmpty()) || !copies.isEmpty();
    }

    /** Adds a page to its copy, and merges the copy after its last page. Returns whether more pages are to follow. */
    private boolean copy(Shard<M> shard, CopyPage<M> page) {
        CopyKey key = new CopyKey(page.replica(), shard.number());
        Pages<M> pages = page.after() == 0 ? new Pages<>(page.version()) : copies.get(key);
        if (pages == null || pages.after != page.after()) {
            copies.remove(key); // not the requested page: start from the beginning
            return false;
        }
        pages.entries.addAll(page.entries());
        pages.after = page.last();
        if (page.isLast()) {
            copies.remove(key);
            shard.change(state -> state.copy(page.replica(), pages.version, page.last(), pages.entries));
            return false;
        }
        copies.put(key, pages);
        return true;
    }
}
