package io.heliodor.presence;

import io.heliodor.presence.crdt.Delta;
import io.heliodor.presence.crdt.Page;
import io.heliodor.presence.crdt.ReplicaId;
import io.heliodor.presence.crdt.State;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One comparison with another node: a question has the versions that are known here, the answer has the changes beyond those, in
 * parts of bounded size; and so on until nothing is left. Used by one thread.
 */
final class CatchUp<M> {
    /** An answer ends with the part that takes it over this. */
    private static final int MAX_ANSWER_BYTES = 256 << 10;

    private static final int MAX_PAGE_ENTRIES = 500;

    /**
     * A copy that comes in pages.
     *
     * @param replica of which replica
     * @param shard in which shard
     * @param version of its first page
     * @param after where the next page begins
     */
    record Copying(ReplicaId replica, int shard, long version, long after) {}

    /**
     * A question.
     *
     * @param known for each replica the version of each shard
     * @param copying copies that have begun
     */
    record Question(Map<ReplicaId, List<Long>> known, List<Copying> copying) {}

    /** A part of an answer: about one replica in one shard. */
    sealed interface Part<M> {
        int shard();

        record Changed<M>(int shard, Delta<M> delta) implements Part<M> {}

        record Copied<M>(int shard, Page<M> page) implements Part<M> {}
    }

    /**
     * An answer.
     *
     * @param parts changes that the question does not have
     * @param more whether there are more of them
     */
    record Answer<M>(List<Part<M>> parts, boolean more) {}

    /** The copy of a replica in a shard. */
    record Place(ReplicaId replica, int shard) {}

    private final List<Shard<M>> shards;
    private final ReplicationFormat<M> format;
    private final Map<Place, Copying> copying = new HashMap<>();

    /**
     * The comparison that copies a replica in a shard, of all on this node. One at a time: of pages of two nodes an older one
     * could bring back entries that a newer one did not have any more.
     */
    private final Map<Place, CatchUp<M>> claims;

    CatchUp(List<Shard<M>> shards, ReplicationFormat<M> format, Map<Place, CatchUp<M>> claims) {
        this.shards = shards;
        this.format = format;
        this.claims = claims;
    }

    /** Lets others copy what it did not copy to the end. */
    void end() {
        claims.values().removeIf(this::equals);
    }

    /** Asks for what is missing here of some replicas. */
    byte[] question(List<ReplicaId> replicas) {
        Map<ReplicaId, List<Long>> known = new HashMap<>();
        for (ReplicaId replica : replicas) {
            known.put(
                    replica,
                    shards.stream()
                            .map(shard -> shard.latest().version(replica))
                            .toList());
        }
        return format.write(new Question(known, List.copyOf(copying.values())));
    }

    /** Answers a question by the changes that it does not have. */
    byte[] answer(byte[] asked) {
        Question question = format.question(asked)
                .orElseThrow(
                        () -> new IllegalArgumentException("Another node asked in a format that is unknown here."));
        ReplicationFormat<M>.AnswerWriter answer = format.answer();
        for (Map.Entry<ReplicaId, List<Long>> known : question.known().entrySet()) {
            for (Shard<M> shard : shards) {
                State<M> state = shard.latest();
                long theirs = known.getValue().get(shard.number());
                if (state.version(known.getKey()) <= theirs) {
                    continue;
                }
                if (answer.size() >= MAX_ANSWER_BYTES) {
                    return answer.toBytes(true);
                }
                add(answer, shard.number(), state, known.getKey(), theirs, question.copying());
            }
        }
        return answer.toBytes(false);
    }

    private static <M> void add(
            ReplicationFormat<M>.AnswerWriter answer,
            int shard,
            State<M> state,
            ReplicaId replica,
            long known,
            List<Copying> copying) {
        Optional<Delta<M>> delta = state.since(replica, known)
                .filter(each -> each.added().size() + each.removed().size() <= Replication.MAX_DELTA_CHANGES);
        if (delta.isPresent() && answer.add(shard, delta.get(), MAX_ANSWER_BYTES)) {
            return;
        }
        long after = copying.stream()
                .filter(each -> each.shard() == shard && each.replica().equals(replica))
                .mapToLong(Copying::after)
                .filter(begun -> begun < state.version(replica))
                .findFirst()
                .orElse(0);
        answer.add(shard, state.page(replica, after, MAX_PAGE_ENTRIES), MAX_ANSWER_BYTES);
    }

    /** Takes an answer; returns whether there is more to ask for. */
    boolean take(byte[] bytes) {
        Answer<M> answer = format.answer(bytes)
                .orElseThrow(
                        () -> new IllegalArgumentException("Another node answered in a format that is unknown here."));
        for (Part<M> part : answer.parts()) {
            Shard<M> shard = shards.get(part.shard());
            switch (part) {
                case Part.Changed<M>(int _, Delta<M> delta) -> {
                    drop(new Place(delta.replica(), part.shard()));
                    boolean _ = shard.merge(delta);
                }
                case Part.Copied<M>(int _, Page<M> page) -> copy(shard, page);
            }
        }
        return answer.more() || !copying.isEmpty();
    }

    private void copy(Shard<M> shard, Page<M> page) {
        Place place = new Place(page.replica(), shard.number());
        if (!claims.computeIfAbsent(place, unclaimed -> this).equals(this)) {
            return;
        }
        Copying begun = copying.get(place);
        long version = begun == null ? page.version() : begun.version();
        if (page.after() != (begun == null ? 0 : begun.after())) {
            drop(place); // not the page that was asked for: from the beginning
            return;
        }
        shard.merge(page);
        if (page.isLast()) {
            shard.copied(page.replica(), version);
            drop(place);
        } else {
            copying.put(place, new Copying(page.replica(), shard.number(), version, page.last()));
        }
    }

    private void drop(Place place) {
        copying.remove(place);
        claims.remove(place, this);
    }
}
