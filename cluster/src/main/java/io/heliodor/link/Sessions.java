package io.heliodor.link;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The protocol of sessions: the state of those with all members of the view, and the packets that open, confirm and end
 * them. The rules are in {@code docs/design/link.md}. It has no clock, thread or socket. Not thread-safe.
 */
final class Sessions {
    /** Performs the actions of the protocol. Called from within its methods; must not call back. */
    interface Actions {
        /** A peer has become a member. */
        void entered(Peer peer);

        /** A peer is not a member any more; its session was closed before. */
        void left(Peer peer);

        /** Sends a packet. It replaces one of the same kind that still waits. */
        void send(Peer to, Packet packet);

        /** A session is open, so that batches may be sent. */
        void opened(Peer to, long session, long acceptance);

        /** The peer has received a number of batches of the open session. May be repeated. */
        void confirmed(Peer to, long session, long received);

        /** The open session has ended. {@link #reopen} must follow when the listener has been notified. */
        void closed(Peer to, Ending why);
    }

    /** Why an open session ended. */
    enum Ending {
        /** Its peer is not a member any more. */
        LEFT,
        /** Its peer does not have the session, or not all of its batches. */
        RESET,
        /** Its queue and the reserve were full. */
        OVERFLOW,
        /** Its peer has confirmed nothing for too long. */
        STALL
    }

    private enum Phase {
        /** The last session has ended, and the listener has not been notified yet. */
        CLOSED,
        /** The peer has not accepted the session yet. */
        OPENING,
        OPEN
    }

    /** The state of both directions with one member. */
    private static final class Pair {
        Phase phase = Phase.CLOSED;
        // The session in which this node sends.
        /** Its number. */
        long session;
        /** The number by which the peer accepted it. */
        long acceptance;
        /** The number of batches sent. */
        long sent;
        /** The number of batches confirmed; negative if the peer must confirm again. */
        long confirmed;

        // The session in which the peer sends.
        /** The number of the last one that the peer opened. */
        long seen;
        /** The number by which this node accepted it; 0 if it has not, or does not have it any more. */
        long accepted;
        /** The number of batches received. */
        long received;
        /** The cost of the batches received since the last confirmation. */
        long unconfirmed;
        /** The session for which a reset was sent since the last tick. */
        long refused;
    }

    private final Peer self;
    private final Actions actions;
    private final long confirmAfter;
    private final Map<Peer, Pair> pairs = new LinkedHashMap<>();

    /** The last number drawn, in one sequence for sessions and acceptances: an incarnation draws none twice. */
    private long drawn;

    /** No sessions yet. Batches are confirmed whenever their cost has reached {@code confirmAfter}. */
    Sessions(Peer self, Actions actions, long confirmAfter) {
        this.self = self;
        this.actions = actions;
        this.confirmAfter = confirmAfter;
    }

    /** Ends the sessions with peers that are not in the next view. Precedes the notification of the listener. */
    void leave(View view) {
        for (Iterator<Map.Entry<Peer, Pair>> each = pairs.entrySet().iterator(); each.hasNext(); ) {
            Map.Entry<Peer, Pair> entry = each.next();
            Peer peer = entry.getKey();
            if (!view.has(peer)) {
                each.remove();
                if (entry.getValue().phase == Phase.OPEN) {
                    actions.closed(peer, Ending.LEFT);
                }
                actions.left(peer);
            }
        }
    }

    /** Opens sessions with the new members of a view. Follows the notification of the listener. */
    void enter(View view) {
        for (Peer peer : view.members()) {
            if (!peer.equals(self) && !pairs.containsKey(peer)) {
                Pair pair = new Pair();
                pairs.put(peer, pair);
                actions.entered(peer);
                open(peer, pair);
            }
        }
    }

    private void open(Peer peer, Pair pair) {
        pair.phase = Phase.OPENING;
        pair.session = ++drawn;
        pair.sent = 0;
        pair.confirmed = -1;
        actions.send(peer, new Packet.Open(pair.session, 0));
    }

    private void close(Peer peer, Pair pair, Ending why) {
        pair.phase = Phase.CLOSED;
        actions.closed(peer, why);
    }

    /** Opens the next session, after the listener has been notified of the end of the last one. */
    void reopen(Peer peer) {
        Pair pair = pairs.get(peer);
        if (pair != null && pair.phase == Phase.CLOSED) {
            open(peer, pair);
        }
    }

    /** Ends a session if it is still open. */
    void end(Peer peer, long session, Ending why) {
        Pair pair = pairs.get(peer);
        if (pair != null && pair.phase == Phase.OPEN && pair.session == session) {
            close(peer, pair, why);
        }
    }

    /** Draws the number of the next batch of a session; negative if it has ended. */
    long number(Peer peer, long session) {
        Pair pair = pairs.get(peer);
        return pair != null && pair.phase == Phase.OPEN && pair.session == session ? pair.sent++ : -1;
    }

    /**
     * Repeats unanswered packets, and confirms what has arrived: over a slow link, {@code confirmAfter} takes longer than
     * a sender waits for a confirmation. Called each 200 ms.
     */
    void tick() {
        pairs.forEach((peer, pair) -> {
            pair.refused = 0;
            if (pair.accepted != 0 && pair.unconfirmed > 0) {
                confirm(peer, pair);
            }
            if (pair.phase != Phase.CLOSED && pair.confirmed < pair.sent) {
                actions.send(peer, new Packet.Open(pair.session, pair.sent));
            }
        });
    }

    /**
     * Handles a packet.
     *
     * @param cost the cost of what a batch or a part carries; 0 for other packets
     * @return true for a batch or a part that must be delivered
     */
    boolean received(Peer from, Packet packet, long cost) {
        Pair pair = pairs.get(from);
        if (pair == null) {
            return false;
        }
        switch (packet) {
            case Packet.Open open -> opened(from, pair, open);
            case Packet.Accept accept -> accepted(from, pair, accept);
            case Packet.Reset reset -> reset(from, pair, reset);
            case Packet.Ask ask -> {
                if (ask.session() == pair.seen && pair.accepted != 0) {
                    actions.send(from, new Packet.Silence(ask.session(), ask.question(), pair.received));
                }
            }
            case Packet.Silence _ -> {}
            case Packet.Batch batch -> {
                return receive(from, pair, batch, cost);
            }
            case Packet.Part part -> {
                return receive(from, pair, new Packet.Batch(part.session(), part.acceptance(), part.number()), cost);
            }
        }
        return false;
    }

    private void opened(Peer from, Pair pair, Packet.Open open) {
        if (open.session() < pair.seen) {
            return;
        }
        boolean first = open.session() > pair.seen;
        if (first) {
            pair.seen = open.session();
            // If this node accepted it in a former membership, the new number shows that to its sender.
            pair.accepted = ++drawn;
            pair.received = 0;
            pair.unconfirmed = 0;
        } else if (pair.received < open.sent()) {
            pair.accepted = 0;
        }
        if (pair.accepted == 0) {
            refuse(from, pair, open.session());
        } else {
            confirm(from, pair);
        }
        // The peer may have forgotten this node's session, or have ignored its Open before the view: repeat until it
        // answers.
        if (first && pair.phase != Phase.CLOSED) {
            pair.confirmed = -1;
            actions.send(from, new Packet.Open(pair.session, pair.sent));
        }
    }

    private void accepted(Peer from, Pair pair, Packet.Accept accept) {
        if (accept.session() != pair.session) {
            return;
        }
        switch (pair.phase) {
            case CLOSED -> {}
            case OPENING -> {
                if (accept.received() == 0) {
                    pair.phase = Phase.OPEN;
                    pair.acceptance = accept.acceptance();
                    pair.confirmed = 0;
                    actions.opened(from, pair.session, pair.acceptance);
                }
            }
            case OPEN -> {
                if (accept.acceptance() == pair.acceptance) {
                    pair.confirmed = Math.max(pair.confirmed, accept.received());
                    actions.confirmed(from, pair.session, accept.received());
                } else if (accept.acceptance() > pair.acceptance) {
                    // The peer has forgotten the session, and accepted it as a new one.
                    close(from, pair, Ending.RESET);
                }
            }
        }
    }

    private void reset(Peer from, Pair pair, Packet.Reset reset) {
        if (reset.session() != pair.session) {
            return;
        }
        switch (pair.phase) {
            case CLOSED -> {}
            case OPENING -> open(from, pair);
            case OPEN -> close(from, pair, Ending.RESET);
        }
    }

    private void confirm(Peer from, Pair pair) {
        pair.unconfirmed = 0;
        actions.send(from, new Packet.Accept(pair.seen, pair.accepted, pair.received));
    }

    private boolean receive(Peer from, Pair pair, Packet.Batch batch, long cost) {
        if (batch.session() < pair.seen) {
            return false;
        }
        if (batch.session() == pair.seen && pair.accepted != 0) {
            if (batch.acceptance() != pair.accepted || batch.number() < pair.received) {
                return false; // of a former acceptance, or repeated
            }
            if (batch.number() == pair.received) {
                pair.received++;
                pair.unconfirmed += cost;
                if (pair.unconfirmed >= confirmAfter) {
                    confirm(from, pair);
                }
                return true;
            }
            pair.accepted = 0;
        }
        refuse(from, pair, batch.session());
        return false;
    }

    /** Ends a session of the peer in which something came that contradicts the protocol, as if a batch were missing. */
    void reject(Peer from, long session) {
        Pair pair = pairs.get(from);
        if (pair != null && pair.seen == session) {
            pair.accepted = 0;
            refuse(from, pair, session);
        }
    }

    /** Sends a reset, at most one in a tick: a flood causes no flood of resets, and a lost one is repeated. */
    private void refuse(Peer from, Pair pair, long session) {
        if (pair.refused != session) {
            pair.refused = session;
            actions.send(from, new Packet.Reset(session));
        }
    }
}
