package io.heliodor.presence.crdt;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a replica was told, told the plain way: every addition, every removal and every end is remembered for ever, and
 * what is present is worked out anew each time. A delta is the same: a part of what was told.
 */
record Model(
        Map<Dot, Entry<String>> added,
        Set<Dot> removed,
        Map<String, Long> lives,
        Set<ReplicaId> ended,
        Set<ReplicaId> down) {

    static Model nothing() {
        return new Model(new HashMap<>(), new HashSet<>(), new HashMap<>(), new HashSet<>(), new HashSet<>());
    }

    Model copy() {
        return new Model(
                new HashMap<>(added),
                new HashSet<>(removed),
                new HashMap<>(lives),
                new HashSet<>(ended),
                new HashSet<>(down));
    }

    Model add(Entry<String> entry) {
        added.put(entry.dot(), entry);
        return knowing(entry.dot().replica());
    }

    Model remove(Entry<String> entry) {
        add(entry);
        removed.add(entry.dot());
        return this;
    }

    Model knowing(ReplicaId replica) {
        lives.merge(replica.name(), replica.life(), Math::max);
        return this;
    }

    Model end(ReplicaId replica) {
        ended.add(replica);
        return knowing(replica);
    }

    /** Takes all but who is down, which each decides for itself. */
    void merge(Model told) {
        added.putAll(told.added);
        removed.addAll(told.removed);
        ended.addAll(told.ended);
        told.lives.forEach((name, life) -> knowing(new ReplicaId(name, life)));
    }

    boolean ended(ReplicaId replica) {
        return ended.contains(replica) || lives.getOrDefault(replica.name(), replica.life()) > replica.life();
    }

    private boolean seen(Dot dot) {
        return added.containsKey(dot) || ended(dot.replica());
    }

    /** What is told to one who has seen what another model has: all about each dot that it has not seen. */
    Model unknownTo(Model other) {
        Model told = nothing();
        added.forEach((dot, entry) -> {
            if (!other.seen(dot)) {
                told.add(entry);
                if (removed.contains(dot)) {
                    told.remove(entry);
                }
            }
        });
        lives.forEach((name, life) -> {
            var replica = new ReplicaId(name, life);
            if (ended(replica) && !other.ended(replica)) {
                told.end(replica);
            } else if (other.lives.getOrDefault(name, life - 1) < life) {
                told.knowing(replica);
            }
        });
        return told;
    }

    /** What is told about the dots that both have seen. */
    Model about(Model other) {
        Model told = nothing();
        Map<Dot, Entry<String>> all = new HashMap<>(other.added);
        all.putAll(added);
        all.forEach((dot, entry) -> {
            if (seen(dot) && other.seen(dot)) {
                told.added.put(dot, entry);
                if (removed.contains(dot) || ended(dot.replica())) {
                    told.removed.add(dot);
                }
            }
        });
        lives.forEach((name, life) -> {
            if (other.lives.containsKey(name)) {
                var replica = new ReplicaId(name, Math.min(life, other.lives.get(name)));
                told.knowing(replica);
                if (ended(replica) && other.ended(replica)) {
                    told.end(replica);
                }
            }
        });
        return told;
    }

    /** Not removed, not ended; hidden ones too. */
    Set<Entry<String>> present() {
        Set<Entry<String>> present = new HashSet<>();
        added.forEach((dot, entry) -> {
            if (!removed.contains(dot) && !ended(dot.replica())) {
                present.add(entry);
            }
        });
        return present;
    }

    List<Entry<String>> visible() {
        List<Entry<String>> visible = new ArrayList<>(present());
        visible.removeIf(entry -> down.contains(entry.replica()));
        visible.sort(Entry::compareDot);
        return visible;
    }
}
