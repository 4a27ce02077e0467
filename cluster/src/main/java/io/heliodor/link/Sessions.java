package io.heliodor.link;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The sessions of a node with the members of its view: which there are, and what is said to begin and to end them. The rules
 * stand in {@code docs/design/link.md}. No clock, no thread, no socket; whoever calls it takes care that calls come one
 * at a time.
 */
final class Sessions {
    /** What the sessions want done. Called from within their methods; it must not call back. */
    interface Actions {
        /** A peer became a member: what follows for it is for this membership. */
        void entered(Peer peer);

        /** A peer is no member any more; its session was closed before. */
        void left(Peer peer);

        /** Sends. A newer packet of the same kind takes the place of one that still waits. */
        void send(Peer to, Packet packet);

        /** A session is open: batches may be sent in it. */
        void opened(Peer to, long session, long acceptance);

        /** The peer has received so many batches of the open session; may be repeated. */
        void confirmed(Peer to, long session, long received);

        /** The open session is over. To be answered by {@link #reopen} when all who must know of it do. */
        void closed(Peer to, Ending why);
    }

    /** Why an open session ended. */
    enum Ending {
        /** Its peer is no member any more. */
        LEFT,
        /** Its peer does not have it, or not all of it. */
        RESET,
        /** Its queue and the reserve of it were full. */
        OVERFLOW,
        /** Its peer confirmed nothing for too long. */
        STALL
    }

    private enum Phase {
        /** The last session was closed, and not everyone knows. */
        RESTING,
        /** Not yet accepted. */
        OPENING,
        OPEN
    }

    /** Both halves of what this node has with one member, as long as it is one. */
    private static final class Pair {
        Phase phase = Phase.RESTING;
        /** The number of my session. */
        long session;
        /** By which number of its own the peer took it. */
        long acceptance;
        /** How many batches were sent in it. */
        long sent;
        /** How many of them the peer has, as far as known; below zero when it shall say so again. */
        long confirmed;

        /** The number of the peer's last session that was seen. */
        long seen;
        /** By which number of mine I took it; 0 when I do not have it (any more). */
        long taken;
        /** How many of its batches came. */
        long received;
        /** The cost of those that came since the last confirmation was sent. */
        long unconfirmed;
        /** Which session a reset was answered for since the last tick. */
        long refused;
    }

    private final Peer self;
    private final Actions actions;
    private final long confirmAfter;
    private final Map<Peer, Pair> pairs = new LinkedHashMap<>();

    /** The last number that was drawn, for a session or for an acceptance. One sequence: no number comes twice in a life. */
    private long drawn;

    /** Batches are confirmed each time that their cost has reached {@code confirmAfter}. */
    Sessions(Peer self, Actions actions, long confirmAfter) {
        this.self = self;
        this.actions = actions;
        this.confirmAfter = confirmAfter;
    }

    /** A view is about to be told: sessions with those who are not in it are over. */
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

    /** This view was told: sessions with those who are new in it begin. */
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
        pair.phase = Phase.RESTING;
        actions.closed(peer, why);
    }

    /** Everybody knows that the session to this peer was closed: the next one begins. */
    void reopen(Peer peer) {
        Pair pair = pairs.get(peer);
        if (pair != null && pair.phase == Phase.RESTING) {
            open(peer, pair);
        }
    }

    /** Ends this session, if it is still open. */
    void end(Peer peer, long session, Ending why) {
        Pair pair = pairs.get(peer);
        if (pair != null && pair.phase == Phase.OPEN && pair.session == session) {
            close(peer, pair, why);
        }
    }

    /** Draws the number of the next batch of this session; negative when it is over. */
    long number(Peer peer, long session) {
        Pair pair = pairs.get(peer);
        return pair != null && pair.phase == Phase.OPEN && pair.session == session ? pair.sent++ : -1;
    }

    /** Time passed (200 ms): what was not answered is said again. */
    void tick() {
        pairs.forEach((peer, pair) -> {
            pair.refused = 0;
            if (pair.phase != Phase.RESTING && pair.confirmed < pair.sent) {
                actions.send(peer, new Packet.Open(pair.session, pair.sent));
            }
        });
    }

    /**
     * Takes a packet.
     *
     * @param cost of the envelopes of a batch; 0 for other packets
     * @return true for a batch that is to be delivered
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
            case Packet.Batch batch -> {
                return take(from, pair, batch, cost);
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
            // If I took it before, in a membership that is over, this number tells its sender.
            pair.taken = ++drawn;
            pair.received = 0;
            pair.unconfirmed = 0;
        } else if (pair.received < open.sent()) {
            pair.taken = 0;
        }
        if (pair.taken == 0) {
            refuse(from, pair, open.session());
        } else {
            confirm(from, pair);
        }
        // The peer may have forgotten what I send, or not have known me when I asked: ask again, until it answers.
        if (first && pair.phase != Phase.RESTING) {
            pair.confirmed = -1;
            actions.send(from, new Packet.Open(pair.session, pair.sent));
        }
    }

    private void accepted(Peer from, Pair pair, Packet.Accept accept) {
        if (accept.session() != pair.session) {
            return;
        }
        switch (pair.phase) {
            case RESTING -> {}
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
                    // It forgot me, and took the session as a new one.
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
            case RESTING -> {}
            case OPENING -> open(from, pair);
            case OPEN -> close(from, pair, Ending.RESET);
        }
    }

    private void confirm(Peer from, Pair pair) {
        pair.unconfirmed = 0;
        actions.send(from, new Packet.Accept(pair.seen, pair.taken, pair.received));
    }

    private boolean take(Peer from, Pair pair, Packet.Batch batch, long cost) {
        if (batch.session() < pair.seen) {
            return false;
        }
        if (batch.session() == pair.seen && pair.taken != 0) {
            if (batch.acceptance() != pair.taken || batch.number() < pair.received) {
                return false; // of a former acceptance, or a repeat
            }
            if (batch.number() == pair.received) {
                pair.received++;
                pair.unconfirmed += cost;
                if (pair.unconfirmed >= confirmAfter) {
                    confirm(from, pair);
                }
                return true;
            }
            pair.taken = 0;
        }
        refuse(from, pair, batch.session());
        return false;
    }

    /** Once for each tick: a flood of batches is not answered by a flood, and an answer that was lost is made good. */
    private void refuse(Peer from, Pair pair, long session) {
        if (pair.refused != session) {
            pair.refused = session;
            actions.send(from, new Packet.Reset(session));
        }
    }
}
