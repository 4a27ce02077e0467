package io.heliodor.simulation;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.protocol.LeaveNotice;
import io.heliodor.protocol.Roster;
import io.heliodor.protocol.Roster.Status;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The roster of one node, and a model of the rows that its events lead to. */
final class SimRoster implements Roster.Effects {
    private final World world;
    private final SimNode node;
    private final Roster state;
    private final Map<String, Roster.Row> reported = new TreeMap<>();

    SimRoster(World world, SimNode node) {
        this.world = world;
        this.node = node;
        state = new Roster(node.peer(), this);
        reported.put(node.name(), new Roster.Row(node.peer(), Status.ALIVE));
    }

    void view(View view) {
        state.view(view);
        check();
    }

    void received(Peer from, LeaveNotice message) {
        state.received(from, message);
        check();
    }

    void tick(long now) {
        state.tick(now);
        state.checkInvariants();
    }

    void act() {
        Peer peer = world.any(node.view().members());
        boolean suspect = world.chance(0.5);
        state.suspected(peer, suspect);
        if (!peer.equals(node.peer()) && world.chance(0.2)) {
            node.names.suspected(peer, suspect);
        }
        check();
    }

    void opened(Peer peer) {
        state.opened(peer);
    }

    void leave() {
        state.leave();
    }

    private void check() {
        state.checkInvariants();
        world.check(
                state.rows().equals(List.copyOf(reported.values())),
                () -> node.name() + " has " + state.rows() + ", reported " + reported);
        for (Peer peer : node.view().members()) {
            Status status = row(peer.node()).orElseThrow().status();
            world.check(
                    status == Status.ALIVE || status == Status.SUSPECT, () -> node.name() + ": a member is " + status);
        }
    }

    private void become(Peer peer, Status status) {
        reported.put(peer.node(), new Roster.Row(peer, status));
    }

    private boolean is(Peer peer, Status status) {
        return new Roster.Row(peer, status).equals(reported.get(peer.node()));
    }

    @Override
    public void send(Peer to, LeaveNotice message) {
        node.send(to, message);
    }

    @Override
    public void up(Peer peer) {
        Roster.Row before = reported.get(peer.node());
        world.check(
                before == null || before.status() == Status.DEAD || before.status() == Status.LEFT,
                () -> "up twice: " + peer);
        become(peer, Status.ALIVE);
    }

    @Override
    public void suspect(Peer peer) {
        world.check(is(peer, Status.ALIVE), () -> "suspects " + reported.get(peer.node()));
        become(peer, Status.SUSPECT);
    }

    @Override
    public void alive(Peer peer) {
        world.check(is(peer, Status.SUSPECT), () -> "alive again is " + reported.get(peer.node()));
        become(peer, Status.ALIVE);
    }

    @Override
    public void down(Peer peer) {
        world.check(is(peer, Status.ALIVE) || is(peer, Status.SUSPECT), () -> "down is " + reported.get(peer.node()));
        become(peer, Status.DEAD);
    }

    @Override
    public void left(Peer peer) {
        world.check(is(peer, Status.ALIVE) || is(peer, Status.SUSPECT), () -> "left has " + reported.get(peer.node()));
        world.check(node.node(peer).leaving(), () -> peer + " left without a notice");
        become(peer, Status.LEFT);
    }

    @Override
    public void merged(List<Peer> peers) {
        world.check(node.view().merged() && node.view().members().containsAll(peers), () -> "merged with " + peers);
    }

    private Optional<Roster.Row> row(String name) {
        return state.rows().stream()
                .filter(row -> row.peer().node().equals(name))
                .findFirst();
    }

    void checkEqual(List<SimNode> nodes) {
        for (SimNode other : nodes) {
            Roster.Row row = row(other.name()).orElseThrow();
            world.check(
                    row.peer().equals(other.peer()) && (row.status() == Status.ALIVE || row.status() == Status.SUSPECT),
                    () -> node.name() + " has " + row);
        }
        long present = state.rows().stream()
                .filter(row -> row.status() == Status.ALIVE || row.status() == Status.SUSPECT)
                .count();
        world.check(present == nodes.size(), () -> node.name() + " has " + state.rows());
    }
}
