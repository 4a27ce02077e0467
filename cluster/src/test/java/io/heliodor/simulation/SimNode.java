package io.heliodor.simulation;

import io.heliodor.link.Envelope;
import io.heliodor.link.Message;
import io.heliodor.link.MessageRoutes;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import io.heliodor.protocol.LeaveNotice;
import io.heliodor.protocol.MapMessage;
import io.heliodor.protocol.NamesMessage;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** One incarnation of a simulated node: the states of a real one, without its threads. */
final class SimNode {
    private final World world;
    private final Network network;
    private final Map<Peer, SimNode> all;
    private final Consumer<SimNode> onNameTaken;
    private final Peer peer;
    private final MessageRoutes routes = new MessageRoutes();
    final SimMaps maps;
    final SimNames names;
    final SimRoster roster;
    private View view;
    /** The last view that contains this node, even if it is not installed here. */
    View issued;

    private boolean alive = true;
    private boolean leaving;
    private int pauses;

    SimNode(
            World world,
            Network network,
            Map<Peer, SimNode> all,
            Set<String> resolved,
            Consumer<SimNode> onNameTaken,
            Peer peer) {
        this.world = world;
        this.network = network;
        this.all = all;
        this.onNameTaken = onNameTaken;
        this.peer = peer;
        view = new View(new ViewId(1, peer), List.of(peer), false);
        maps = new SimMaps(world, this);
        names = new SimNames(world, this, resolved);
        roster = new SimRoster(world, this);
        MapMessage.route(routes, (from, message, _) -> maps.received(from, message));
        NamesMessage.route(routes, (from, message, _) -> names.received(from, message));
        LeaveNotice.route(routes, (from, message, _) -> roster.received(from, message));
        issued = view;
    }

    void start() {
        network.add(this);
        all.put(peer, this);
        installed(view);
        tick();
    }

    Peer peer() {
        return peer;
    }

    String name() {
        return peer.node();
    }

    View view() {
        return view;
    }

    boolean alive() {
        return alive;
    }

    boolean paused() {
        return pauses > 0;
    }

    SimNode node(Peer other) {
        return all.get(other);
    }

    /** Whether one session to the other node has been open on both sides since that time. */
    boolean intact(SimNode other, long since) {
        return network.intact(this, other.peer(), since);
    }

    void note(String what) {
        world.note(name() + " " + what);
    }

    void send(Peer to, Message message) {
        network.send(this, to, Envelope.of(message).toBytes());
    }

    void install(View next) {
        if (alive && next.id().number() > view.id().number()) {
            network.leaving(this, next);
            installed(next);
        }
    }

    private void installed(View next) {
        look(next);
        note("view " + next.id().number() + " by " + next.id().creator().node() + " of "
                + next.members().stream().map(Peer::node).toList());
        view = next;
        roster.view(next);
        maps.view(next);
        names.view(next);
        network.entering(this, next);
        if (next.isDuplicate(peer)) {
            world.saw("duplicate");
            pingFirst(next);
        }
    }

    /** A duplicate ends if the first incarnation of its name answers while it has this view. */
    private void pingFirst(View in) {
        world.after(world.upTo(3 * World.SECONDS), () -> {
            if (alive && !leaving && view.equals(in)) {
                SimNode first = node(in.byName().get(name()));
                if (first.alive && !first.paused() && !paused()) {
                    onNameTaken.accept(this);
                } else {
                    pingFirst(in);
                }
            }
        });
    }

    boolean isDuplicate() {
        return view.isDuplicate(peer);
    }

    /** Counts the difficult kinds of views. */
    private void look(View next) {
        if (next.merged()) {
            world.saw("merge");
            if (!next.coordinator().equals(view.coordinator())) {
                world.saw("merge under another coordinator");
            }
        }
        for (SimNode other : all.values()) {
            View theirs = other.view;
            if (theirs.id().number() == next.id().number() && !theirs.equals(next) && other.alive) {
                world.saw("views of equal number");
            }
        }
    }

    void opened(Peer to) {
        note("opened to " + to.node());
        roster.opened(to);
        maps.opened(to);
        names.opened(to);
    }

    void closed(Peer to) {
        note("closed to " + to.node());
        maps.closed(to);
        names.closed(to);
    }

    void received(Peer from, byte[] envelope) {
        note("gets type " + envelope[0] + " of " + envelope.length + " from " + from.node());
        SimNode sender = all.get(from);
        if (!sender.view.equals(view)) {
            world.saw(
                    sender.view.id().number() < view.id().number()
                            ? "message from an older view"
                            : "message from a newer view");
        }
        routes.dispatch(from, envelope).ifPresent(problem -> world.check(false, problem));
    }

    void act() {
        switch (world.random.nextInt(10)) {
            case 0, 1, 2, 3 -> maps.act();
            case 4 -> roster.act();
            default -> names.act();
        }
    }

    private void tick() {
        if (!alive) {
            return;
        }
        if (!paused()) {
            maps.tick(world.now());
            names.tick(world.now());
            roster.tick(world.now());
        }
        world.after(200 * World.MILLIS, this::tick);
    }

    void pause() {
        pauses++;
    }

    void resume() {
        pauses--;
    }

    /** Sends leave notices, and leaves soon after. */
    void leave(Runnable then) {
        note("leaves");
        leaving = true;
        roster.leave();
        world.after(world.upTo(500 * World.MILLIS), () -> {
            crash();
            then.run();
        });
    }

    boolean leaving() {
        return leaving;
    }

    void crash() {
        note("crashes");
        alive = false;
    }
}
