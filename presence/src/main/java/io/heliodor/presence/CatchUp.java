package io.heliodor.presence;

import io.heliodor.presence.crdt.Delta;
import io.heliodor.presence.crdt.Entry;
import io.heliodor.presence.crdt.Page;
import io.heliodor.presence.crdt.ReplicaId;
import io.heliodor.presence.crdt.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
     * @param after where the next page begins
     */
    record Copying(ReplicaId replica, int shard, long after) {}

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

    private record Place(ReplicaId replica, int shard) {}

    /** The pages of a copy that came. They are taken together, when it is complete: readers never see a part of it. */
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
    private final Map<Place, Pages<M>> copying = new HashMap<>();

    CatchUp(List<Shard<M>> shards, ReplicationFormat<M> format) {
        this.shards = shards;
        this.format = format;
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
        List<Copying> begun = new ArrayList<>();
        copying.forEach((place, pages) -> begun.add(new Copying(place.replica(), place.shard(), pages.after)));
        return format.write(new Question(known, begun));
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
        Set<Place> advanced = new HashSet<>();
        for (Part<M> part : answer.parts()) {
            Shard<M> shard = shards.get(part.shard());
            switch (part) {
                case Part.Changed<M>(int _, Delta<M> delta) -> {
                    copying.remove(new Place(delta.replica(), part.shard()));
                    boolean _ = shard.merge(delta);
                }
                case Part.Copied<M>(int _, Page<M> page) -> {
                    if (copy(shard, page)) {
                        advanced.add(new Place(page.replica(), part.shard()));
                    }
                }
            }
        }
        if (!answer.more()) {
            // Their replica left the view of the other node, or this node has its changes from elsewhere.
            copying.keySet().retainAll(advanced);
        }
        return (answer.more() && !answer.parts().isEmpty()) || !copying.isEmpty();
    }

    /** Keeps a page; takes the copy with its last one. Returns whether more pages are to come. */
    private boolean copy(Shard<M> shard, Page<M> page) {
        Place place = new Place(page.replica(), shard.number());
        Pages<M> pages = page.after() == 0 ? new Pages<>(page.version()) : copying.get(place);
        if (pages == null || pages.after != page.after()) {
            copying.remove(place); // not the page that was asked for: from the beginning
            return false;
        }
        pages.entries.addAll(page.entries());
        pages.after = page.last();
        if (page.isLast()) {
            copying.remove(place);
            shard.copy(page.replica(), pages.version, page.last(), pages.entries);
            return false;
        }
        copying.put(place, pages);
        return true;
    }
}
