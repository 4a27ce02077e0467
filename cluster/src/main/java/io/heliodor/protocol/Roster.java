package io.heliodor.protocol;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who is or was a member, one row for each name. Members of a view agree on who is in it; suspicion is this node's own, and
 * so is the memory of those that are gone.
 */
public final class Roster {
    /** The most rows of nodes that are gone. */
    public static final int MOST_GONE = 1_000;

    private static final long GONE_NANOS = 3_600_000_000_000L;

    /** What is known of a node. */
    public enum Status {
        /** It is in the view. */
        ALIVE,
        /** It is in the view, but this node does not hear of it. */
        SUSPECT,
        /** The view is without it. */
        DEAD,
        /** The view is without it, and it had said that it would leave. */
        LEFT
    }

    /**
     * A row.
     *
     * @param peer the latest life of a node
     * @param status what is known of it
     */
    public record Row(Peer peer, Status status) {}

    /** What this state wants done. No event is about this node itself. */
    public interface Effects {
        /**
         * A message to a peer, if there is a session to it.
         *
         * @param to whom
         * @param message what to say
         */
        void send(Peer to, Leaving message);

        /**
         * A node came.
         *
         * @param peer which
         */
        void up(Peer peer);

        /**
         * A member is suspected to be dead.
         *
         * @param peer which
         */
        void suspect(Peer peer);

        /**
         * A member is not suspected any more.
         *
         * @param peer which
         */
        void alive(Peer peer);

        /**
         * A node is gone: dead, or on the other side of a split.
         *
         * @param peer which
         */
        void down(Peer peer);

        /**
         * A node left as it said it would.
         *
         * @param peer which
         */
        void left(Peer peer);

        /**
         * What had been apart is together again. Told after {@link #up} of each.
         *
         * @param peers those that were not in this node's view before; none on a node that did not notice
         */
        void merged(List<Peer> peers);
    }

    private static final class Gone {
        private final Peer peer;
        private final Status status;
        private boolean timed;
        private long until;
        private boolean shown = true;

        Gone(Peer peer, Status status) {
            this.peer = peer;
            this.status = status;
        }
    }

    private final Peer self;
    private final Effects effects;
    private final Map<String, Peer> present = new LinkedHashMap<>();
    /** By name; who went first is first. */
    private final Map<String, Gone> gone = new LinkedHashMap<>();

    private final Set<Peer> suspects = new HashSet<>();
    private final Set<Peer> leaving = new HashSet<>();
    private List<Peer> members = List.of();
    private boolean leaves;

    /**
     * A roster of this node alone.
     *
     * @param self this node
     * @param effects what does what is wanted
     */
    public Roster(Peer self, Effects effects) {
        this.self = self;
        this.effects = effects;
        present.put(self.node(), self);
    }

    /**
     * A view was installed.
     *
     * @param view the view. Of two lives of a name in it the first counts
     */
    public void view(View view) {
        Map<String, Peer> next = new LinkedHashMap<>(view.byName());
        next.put(self.node(), self);
        for (Peer before : List.copyOf(present.values())) {
            if (!before.equals(next.get(before.node()))) {
                present.remove(before.node());
                go(before);
            }
        }
        for (Peer peer : next.values()) {
            if (present.putIfAbsent(peer.node(), peer) == null) {
                gone.remove(peer.node());
                effects.up(peer);
            }
        }
        List<Peer> came = view.members().stream()
                .filter(peer -> !members.contains(peer) && !peer.equals(self) && present.containsValue(peer))
                .toList();
        // Also with nobody new: a node that was frozen never saw the view without it.
        if (view.merged() && next.size() > 1) {
            effects.merged(came);
        }
        members = view.members();
        leaving.retainAll(members);
    }

    private void go(Peer peer) {
        boolean asSaid = leaving.contains(peer);
        // It may be a member still, hidden behind another life.
        suspects.remove(peer);
        gone.remove(peer.node());
        gone.put(peer.node(), new Gone(peer, asSaid ? Status.LEFT : Status.DEAD));
        if (gone.size() > MOST_GONE) {
            gone.remove(gone.keySet().iterator().next());
        }
        if (asSaid) {
            effects.left(peer);
        } else {
            effects.down(peer);
        }
    }

    /**
     * What this node thinks of a member changed.
     *
     * @param peer which
     * @param suspect whether it seems to be dead
     */
    public void suspected(Peer peer, boolean suspect) {
        if (peer.equals(self) || !peer.equals(present.get(peer.node()))) {
            return;
        }
        if (suspect && suspects.add(peer)) {
            effects.suspect(peer);
        } else if (!suspect && suspects.remove(peer)) {
            effects.alive(peer);
        }
    }

    /**
     * A member says that it leaves.
     *
     * @param from who
     * @param message that it does
     */
    public void received(Peer from, Leaving message) {
        if (members.contains(from)) {
            leaving.add(from);
        }
    }

    /**
     * This node is about to leave: each member gets a message, at once or as soon as there is a session to it. They see it as
     * left once the view is without it.
     */
    public void leave() {
        leaves = true;
        members.stream().filter(peer -> !peer.equals(self)).forEach(peer -> effects.send(peer, new Leaving()));
    }

    /** This node has left, and may come back. */
    public void stay() {
        leaves = false;
    }

    /**
     * There is a session to a peer.
     *
     * @param peer the other end
     */
    public void opened(Peer peer) {
        if (leaves) {
            effects.send(peer, new Leaving());
        }
    }

    /**
     * Whether more than half of the known nodes are in the view. Those that left do not count.
     *
     * @return true for a node that knows no other
     */
    public boolean majority() {
        long dead =
                gone.values().stream().filter(row -> row.status == Status.DEAD).count();
        return present.size() > dead;
    }

    /**
     * Time passes. Rows of those that are gone are kept for an hour. In a minority the dead count beyond that: a side of a split would
     * else become a majority by waiting.
     *
     * @param now the time
     */
    public void tick(long now) {
        boolean majority = majority();
        gone.values().removeIf(row -> {
            if (!row.timed) {
                row.timed = true;
                row.until = now + GONE_NANOS;
            }
            row.shown = now - row.until < 0;
            return !row.shown && (majority || row.status == Status.LEFT);
        });
    }

    /**
     * All rows.
     *
     * @return one for each name, sorted by name
     */
    public List<Row> rows() {
        Map<String, Row> rows = new TreeMap<>();
        gone.forEach((name, row) -> {
            if (row.shown) {
                rows.put(name, new Row(row.peer, row.status));
            }
        });
        present.forEach(
                (name, peer) -> rows.put(name, new Row(peer, suspects.contains(peer) ? Status.SUSPECT : Status.ALIVE)));
        return List.copyOf(rows.values());
    }

    /**
     * What is known of a node.
     *
     * @param node its name
     * @return its latest life, if it is or was a member
     */
    public Optional<Row> row(String node) {
        @Nullable Peer peer = present.get(node);
        if (peer != null) {
            return Optional.of(new Row(peer, suspects.contains(peer) ? Status.SUSPECT : Status.ALIVE));
        }
        return Optional.ofNullable(gone.get(node)).filter(row -> row.shown).map(row -> new Row(row.peer, row.status));
    }
}
