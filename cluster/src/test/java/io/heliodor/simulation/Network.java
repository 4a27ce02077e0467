package io.heliodor.simulation;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Sessions between peers over paths that can be blocked, as the page on the cluster describes them. */
final class Network {
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Packet(int session, long number, byte[] envelope, long earliest) {}

    private record Way(String from, String to) {}

    /** One direction of one pair of peers. */
    final class Pipe {
        final SimNode from;
        final SimNode to;
        private int session;
        private boolean open;
        private boolean opening;
        private long openSince;
        private long sent;
        private int lastSeen;
        private int accepted;
        private long received;
        private final Deque<Packet> underWay = new ArrayDeque<>();
        private boolean pumping;

        Pipe(SimNode from, SimNode to) {
            this.from = from;
            this.to = to;
        }

        boolean open() {
            return open;
        }

        private boolean passable() {
            return to.alive() && !to.paused() && !blocked.contains(new Way(from.name(), to.name()));
        }

        private boolean back() {
            return from.alive() && !from.paused() && !blocked.contains(new Way(to.name(), from.name()));
        }

        void send(byte[] envelope) {
            if (!open) {
                return;
            }
            long earliest = world.now() + delay();
            if (!underWay.isEmpty()) {
                earliest = Math.max(earliest, underWay.getLast().earliest());
            }
            underWay.addLast(new Packet(session, ++sent, envelope, earliest));
            pump();
        }

        private void pump() {
            if (!pumping && !underWay.isEmpty()) {
                pumping = true;
                world.after(Math.max(0, underWay.getFirst().earliest() - world.now()), this::arrive);
            }
        }

        private void arrive() {
            pumping = false;
            if (!to.alive()) {
                underWay.clear();
                return;
            }
            if (!passable()) {
                pumping = true;
                world.after(20 * World.MILLIS, this::arrive);
                return;
            }
            if (!underWay.isEmpty() && underWay.getFirst().earliest() <= world.now()) {
                deliver(underWay.removeFirst());
            }
            pump();
        }

        private void deliver(Packet packet) {
            if (accepted != packet.session()) {
                world.saw(
                        to.view().has(from.peer())
                                ? "message of a session that ended"
                                : "sender does not know it is out");
                reset(packet.session());
            } else if (packet.number() == received + 1) {
                received++;
                to.received(from.peer(), packet.envelope());
            } else {
                world.saw("gap");
                accepted = 0;
                reset(packet.session());
            }
        }

        private void reset(int which) {
            world.after(delay(), () -> {
                if (!from.alive()) {
                    return;
                }
                if (!back()) {
                    reset(which);
                } else if (session == which && (open || opening)) {
                    world.note("reset " + this);
                    end();
                    begin();
                }
            });
        }

        /** Ends the session at the sender. Some packets are lost; the rest may arrive until the next session opens. */
        void end() {
            int lost = world.random.nextInt(underWay.size() + 1);
            for (; lost > 0; lost--) {
                underWay.removeLast();
            }
            opening = false;
            if (open) {
                open = false;
                from.closed(to.peer());
            }
        }

        /** Loses one of the packets that are under way, as a connection that breaks does. */
        void lose() {
            if (!underWay.isEmpty()) {
                world.note("loses a packet " + this);
                underWay.removeLast();
            }
        }

        void begin() {
            if (!open && !opening && from.view().has(to.peer())) {
                session++;
                sent = 0;
                opening = true;
                tryOpen(session);
            }
        }

        private void tryOpen(int which) {
            if (!opening || session != which || !from.alive()) {
                return;
            }
            world.after(delay(), () -> open(which));
            world.after(200 * World.MILLIS, () -> tryOpen(which));
        }

        private void open(int which) {
            if (!passable() || !to.view().has(from.peer()) || which < lastSeen) {
                return;
            }
            if (which == lastSeen && accepted != which) {
                reset(which);
                return;
            }
            if (which > lastSeen) {
                lastSeen = which;
                accepted = which;
                received = 0;
            }
            world.after(delay(), () -> {
                if (back() && opening && session == which) {
                    opening = false;
                    open = true;
                    openSince = world.now();
                    from.opened(to.peer());
                }
            });
        }

        @Override
        public String toString() {
            return from.name() + ">" + to.name();
        }
    }

    private final World world;
    private final Map<Peer, SimNode> nodes = new HashMap<>();
    private final Map<Peer, Map<Peer, Pipe>> pipes = new LinkedHashMap<>();
    private final Set<Way> blocked = new HashSet<>();

    Network(World world) {
        this.world = world;
    }

    private long delay() {
        return world.chance(0.02) ? world.upTo(800 * World.MILLIS) : 100_000 + world.upTo(5 * World.MILLIS);
    }

    void add(SimNode node) {
        nodes.put(node.peer(), node);
        pipes.put(node.peer(), new LinkedHashMap<>());
    }

    private Pipe pipe(SimNode from, Peer to) {
        return pipes.get(from.peer()).computeIfAbsent(to, peer -> new Pipe(from, nodes.get(peer)));
    }

    List<Pipe> openPipes() {
        return pipes.values().stream()
                .flatMap(some -> some.values().stream())
                .filter(pipe -> pipe.from.alive() && pipe.open)
                .toList();
    }

    boolean intact(SimNode from, Peer to, long since) {
        Pipe pipe = pipe(from, to);
        return pipe.open && pipe.accepted == pipe.session && pipe.openSince <= since;
    }

    void send(SimNode from, Peer to, byte[] envelope) {
        pipe(from, to).send(envelope);
    }

    void block(String from, String to) {
        blocked.add(new Way(from, to));
    }

    void unblock(String from, String to) {
        blocked.remove(new Way(from, to));
    }

    void unblockAll() {
        blocked.clear();
    }

    boolean blocked(String from, String to) {
        return blocked.contains(new Way(from, to));
    }

    /** Called before a node installs a view: sessions with peers outside the view end. */
    void leaving(SimNode node, View view) {
        pipes.get(node.peer()).forEach((peer, pipe) -> {
            if (!view.has(peer)) {
                pipe.end();
            }
        });
        pipes.forEach((peer, some) -> {
            Pipe pipe = some.get(node.peer());
            if (pipe != null && !view.has(peer)) {
                pipe.accepted = 0;
            }
        });
    }

    /** Called after a node has installed a view: sessions to all its members begin. */
    void entering(SimNode node, View view) {
        for (Peer peer : view.members()) {
            if (!peer.equals(node.peer())) {
                pipe(node, peer).begin();
            }
        }
    }
}
