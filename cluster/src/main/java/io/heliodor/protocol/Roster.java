package io.heliodor.protocol;

import io.heliodor.link.Invariant;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The present and former members, one row for each name. All members of a view agree on its members; each node has its own
 * suspicions, and its own memory of former members.
 */
public final class Roster {
    /** The maximum number of rows of former members. */
    public static final int MAX_FORMER = 1_000;

    private static final long FORMER_NANOS = 3_600_000_000_000L;

    /** The status of a node. */
    public enum Status {
        /** It is in the view. */
        ALIVE,
        /** It is in the view, but this node suspects it to be dead. */
        SUSPECT,
        /** It left the view without a notice. */
        DEAD,
        /** It left the view after a notice. */
        LEFT
    }

    /**
     * A row.
     *
     * @param peer the latest incarnation of a node
     * @param status its status
     */
    public record Row(Peer peer, Status status) {}

    /** The actions of this state. No event is about this node itself. No method may call back. */
    public interface Effects {
        /**
         * Sends a message to a peer; dropped if there is no session.
         *
         * @param to the peer
         * @param message the message
         */
        void send(Peer to, LeaveNotice message);

        /**
         * A node joined.
         *
         * @param peer the node
         */
        void up(Peer peer);

        /**
         * A member is suspected to be dead.
         *
         * @param peer the node
         */
        void suspect(Peer peer);

        /**
         * A member is not suspected any more.
         *
         * @param peer the node
         */
        void alive(Peer peer);

        /**
         * A node left the view without a notice: it is dead, or on the other side of a split.
         *
         * @param peer the node
         */
        void down(Peer peer);

        /**
         * A node left the view after a notice.
         *
         * @param peer the node
         */
        void left(Peer peer);

        /**
         * Two sides of a split merged. Called after {@link #up} of each node.
         *
         * @param peers the nodes that were not in the previous view of this node; empty if this node did not notice the split
         */
        void merged(List<Peer> peers);
    }

    private static final class Former {
        private final Peer peer;
        private final Status status;
        private boolean timed;
        private long until;
        private boolean shown = true;

        Former(Peer peer, Status status) {
            this.peer = peer;
            this.status = status;
        }
    }

    private final Peer self;
    private final Effects effects;
    private final Map<String, Peer> present = new LinkedHashMap<>();
    /** The former members by name, the earliest first. */
    private final Map<String, Former> former = new LinkedHashMap<>();

    private final Set<Peer> suspects = new HashSet<>();

    /** The suspects that a new node replaces: no row remains of them once they are dead. */
    private final Set<Peer> replaced = new HashSet<>();

    private final Set<Peer> leaving = new HashSet<>();
    private List<Peer> members = List.of();
    private boolean leaves;

    /**
     * A roster of this node alone.
     *
     * @param self this node
     * @param effects the actions
     */
    public Roster(Peer self, Effects effects) {
        this.self = self;
        this.effects = effects;
        present.put(self.node(), self);
    }

    /**
     * A view was installed.
     *
     * @param view the view. Of two incarnations of a name in it the first counts
     */
    public void view(View view) {
        Map<String, Peer> next = new LinkedHashMap<>(view.byName());
        next.put(self.node(), self);
        for (Peer before : List.copyOf(present.values())) {
            if (!before.equals(next.get(before.node()))) {
                present.remove(before.node());
                remove(before);
            }
        }
        for (Peer peer : next.values()) {
            if (present.putIfAbsent(peer.node(), peer) == null) {
                if (former.remove(peer.node()) == null) {
                    forgetReplaced(peer);
                }
                effects.up(peer);
            }
        }
        List<Peer> came = view.members().stream()
                .filter(peer -> !members.contains(peer) && !peer.equals(self) && present.containsValue(peer))
                .toList();
        // Even without new members: a node that was frozen did not see the view without it.
        if (view.merged() && next.size() > 1) {
            effects.merged(came);
        }
        members = view.members();
        leaving.retainAll(members);
    }

    /**
     * Forgets the dead node that a new one replaces: the only other known one with the same part before the @. A pod that comes back at
     * another address has another name if the address is a part of it. If several nodes share that part, a new one is one more.
     */
    private void forgetReplaced(Peer peer) {
        List<Peer> same = Stream.concat(
                        present.values().stream(),
                        former.values().stream()
                                .filter(row -> row.status == Status.DEAD)
                                .map(row -> row.peer))
                .filter(other -> !other.equals(peer) && app(other).equals(app(peer)))
                .toList();
        if (same.size() != 1) {
            return;
        }
        Peer other = same.getFirst();
        if (!present.containsValue(other)) {
            former.remove(other.node());
        } else if (suspects.contains(other)) {
            replaced.add(other);
        }
    }

    /** The part before the @. */
    private static String app(Peer peer) {
        int at = peer.node().indexOf('@');
        return at < 0 ? peer.node() : peer.node().substring(0, at);
    }

    private void remove(Peer peer) {
        boolean announced = leaving.contains(peer);
        // It may still be a member, hidden by another incarnation of its name.
        suspects.remove(peer);
        former.remove(peer.node());
        if (!replaced.remove(peer)) {
            former.put(peer.node(), new Former(peer, announced ? Status.LEFT : Status.DEAD));
        }
        if (former.size() > MAX_FORMER) {
            former.remove(former.keySet().iterator().next());
        }
        if (announced) {
            effects.left(peer);
        } else {
            effects.down(peer);
        }
    }

    /**
     * The suspicion of a member changed.
     *
     * @param peer the member
     * @param suspect whether it is suspected
     */
    public void suspected(Peer peer, boolean suspect) {
        if (peer.equals(self) || !peer.equals(present.get(peer.node()))) {
            return;
        }
        if (suspect && suspects.add(peer)) {
            effects.suspect(peer);
        } else if (!suspect && suspects.remove(peer)) {
            replaced.remove(peer);
            effects.alive(peer);
        }
    }

    /**
     * A member announced that it leaves.
     *
     * @param from the member
     * @param message the notice
     */
    public void received(Peer from, LeaveNotice message) {
        if (members.contains(from)) {
            leaving.add(from);
        }
    }

    /**
     * This node is about to leave: it sends a notice to each member, at once or when a session to it opens. The members see
     * it as left once a view is without it.
     */
    public void leave() {
        leaves = true;
        members.stream().filter(peer -> !peer.equals(self)).forEach(peer -> effects.send(peer, new LeaveNotice()));
    }

    /** This node has left, and may come back. */
    public void stay() {
        leaves = false;
    }

    /**
     * A session to a peer was opened.
     *
     * @param peer the peer
     */
    public void opened(Peer peer) {
        if (leaves) {
            effects.send(peer, new LeaveNotice());
        }
    }

    /**
     * Whether more than half of the known nodes are in the view. Nodes that left after a notice do not count.
     *
     * @return true for a node that knows no other
     */
    public boolean majority() {
        long dead = former.values().stream()
                .filter(row -> row.status == Status.DEAD)
                .count();
        return present.size() > dead;
    }

    /**
     * Time passed. Rows of former members are kept for an hour. In a minority the dead ones count longer: otherwise a side
     * of a split would become a majority by waiting.
     *
     * @param now the time
     */
    public void tick(long now) {
        boolean majority = majority();
        former.values().removeIf(row -> {
            if (!row.timed) {
                row.timed = true;
                row.until = now + FORMER_NANOS;
            }
            row.shown = now - row.until < 0;
            return !row.shown && (majority || row.status == Status.LEFT);
        });
    }

    /**
     * Checks the whole state. Tests call it after each event.
     *
     * @throws IllegalStateException if an invariant does not hold
     */
    public void checkInvariants() {
        Invariant.check(self.equals(present.get(self.node())), "a node is present in its own roster", present);
        present.forEach((name, peer) -> {
            Invariant.check(name.equals(peer.node()), "a member has its own row", name, peer);
            Invariant.check(
                    peer.equals(self) || members.contains(peer), "each present node is a member", peer, members);
            Invariant.check(!former.containsKey(name), "a present node is not a former one", peer);
        });
        former.forEach(
                (name, row) -> Invariant.check(name.equals(row.peer.node()), "a former node has its own row", name));
        Invariant.check(former.size() <= MAX_FORMER, "former members are limited", former.size());
        Invariant.check(
                present.values().containsAll(suspects) && !suspects.contains(self),
                "another present node is suspected",
                suspects,
                present);
        Invariant.check(suspects.containsAll(replaced), "a suspect is replaced", replaced, suspects);
        Invariant.check(members.containsAll(leaving), "a member leaves", leaving, members);
    }

    /**
     * All rows.
     *
     * @return one for each name, sorted by name
     */
    public List<Row> rows() {
        Map<String, Row> rows = new TreeMap<>();
        former.forEach((name, row) -> {
            if (row.shown) {
                rows.put(name, new Row(row.peer, row.status));
            }
        });
        present.forEach(
                (name, peer) -> rows.put(name, new Row(peer, suspects.contains(peer) ? Status.SUSPECT : Status.ALIVE)));
        return List.copyOf(rows.values());
    }
}
