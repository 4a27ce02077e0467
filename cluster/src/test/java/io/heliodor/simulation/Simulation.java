package io.heliodor.simulation;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A cluster in a history that a seed decides: one thread, its own clock, and every fault that a link may show. Then the
 * faults end, and the states are checked.
 */
final class Simulation {
    private final World world;
    private final Network network;
    private final Map<Peer, SimNode> everyone = new LinkedHashMap<>();
    /** The latest incarnation of each host. */
    private final List<SimNode> nodes = new ArrayList<>();
    /** Earlier incarnations that were replaced while they were frozen, and continue. */
    private final List<SimNode> replaced = new ArrayList<>();

    private final Map<String, Integer> sides = new LinkedHashMap<>();
    /** Crashed nodes that views still contain. */
    private final List<SimNode> ghosts = new ArrayList<>();
    /** The names that the resolver was called for, with their views. */
    private final Set<String> resolved = new HashSet<>();

    private boolean healed;

    record Result(long hash, Map<String, Integer> seen) {}

    private Simulation(long seed) {
        world = new World(seed);
        network = new Network(world);
    }

    /**
     * Runs a history.
     *
     * @param seed the seed of the history
     * @return a hash and counts of the events
     */
    static Result run(long seed) {
        var simulation = new Simulation(seed);
        try {
            simulation.play();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("Seed " + seed + ": " + e.getMessage() + "\n" + simulation.world.story(), e);
        }
        return new Result(simulation.world.hash(), simulation.world.seen);
    }

    private void play() {
        int hosts = world.random.nextInt(2, 6);
        for (int host = 0; host < hosts; host++) {
            sides.put("n" + host, 0);
            nodes.add(boot("n" + host));
        }
        later(2, this::regroupSides);
        long end = world.now() + (20 + world.random.nextInt(60)) * World.SECONDS;
        double faults = world.chance(0.1) ? 0 : 0.01 + world.random.nextDouble() * 0.05;
        while (world.now() < end) {
            world.runUntil(world.now() + world.upTo(150 * World.MILLIS));
            if (world.chance(faults)) {
                fault();
            } else {
                act();
            }
        }
        heal();
        workInOneView();
        world.runUntil(world.now() + 20 * World.SECONDS);
        running().forEach(node -> node.names.demand());
        world.runUntil(world.now() + 20 * World.SECONDS);
        verify();
    }

    /** No view change repairs a loss in this part. */
    private void workInOneView() {
        world.runUntil(world.now() + 8 * World.SECONDS);
        long end = world.now() + world.upTo(20 * World.SECONDS);
        while (world.now() < end) {
            world.runUntil(world.now() + world.upTo(100 * World.MILLIS));
            switch (world.random.nextInt(30)) {
                case 0, 1 -> endASession();
                case 2 -> loseSome();
                case 3 -> pause(world.any(running()), 3);
                case 4, 5 -> {
                    network.block(
                            world.any(running()).name(), world.any(running()).name());
                    world.after(world.upTo(2 * World.SECONDS), network::unblockAll);
                }
                default -> act();
            }
        }
        network.unblockAll();
    }

    private void act() {
        List<SimNode> able = running().stream().filter(node -> !node.paused()).toList();
        if (!able.isEmpty()) {
            world.any(able).act();
        }
    }

    private SimNode boot(String name) {
        var peer = new Peer(name, world.random.nextLong() >>> 1);
        var node = new SimNode(world, network, everyone, resolved, this::nameTaken, peer);
        node.start();
        return node;
    }

    private void later(int seconds, Runnable what) {
        world.after(world.upTo(seconds * World.SECONDS), () -> {
            if (!healed) {
                what.run();
            }
        });
    }

    private void fault() {
        SimNode node = world.any(all());
        switch (world.random.nextInt(14)) {
            case 0, 1 -> split();
            case 2 -> unite();
            case 3 -> exclude(node);
            case 4 -> crash(node);
            case 5, 6 -> {
                pause(node, 15);
                if (world.chance(0.3)) {
                    later(6, () -> exclude(node));
                }
            }
            case 7, 8 -> block(node, world.any(nodes));
            case 9 -> endASession();
            case 10 -> loseSome();
            case 11 -> leave(node);
            case 12 -> replace(node);
            default -> regroupSides();
        }
    }

    private void split() {
        sides.replaceAll((_, _) -> world.random.nextInt(3));
        world.note("split " + sides);
        blockSides();
        later(4, this::regroupSides);
        later(20, this::unite);
    }

    private void unite() {
        world.note("unite");
        sides.replaceAll((_, _) -> 0);
        network.unblockAll();
        later(4, this::regroupSides);
    }

    private void blockSides() {
        network.unblockAll();
        sides.forEach((from, side) -> sides.forEach((to, other) -> {
            if (!side.equals(other)) {
                network.block(from, to);
            }
        }));
    }

    private void exclude(SimNode node) {
        world.note("exclude " + node.name());
        regroup(running().stream()
                .filter(other -> other != node && sides.get(other.name()).equals(sides.get(node.name())))
                .toList());
        later(12, this::regroupSides);
    }

    private void crash(SimNode node) {
        if (!node.alive()) {
            return;
        }
        node.crash();
        ghosts.add(node);
        world.after(world.upTo(4 * World.SECONDS), () -> ghosts.remove(node));
        later(5, this::regroupSides);
        if (world.chance(0.8)) {
            later(6, () -> {
                if (nodes.contains(node)) {
                    restart(node);
                }
            });
        }
    }

    private void leave(SimNode node) {
        if (node.alive() && !node.leaving()) {
            node.leave(() -> later(3, this::regroupSides));
            later(6, () -> {
                if (!node.alive() && nodes.contains(node)) {
                    restart(node);
                }
            });
        }
    }

    private void restart(SimNode node) {
        world.saw("restart");
        nodes.set(nodes.indexOf(node), boot(node.name()));
        later(3, this::regroupSides);
    }

    /** A frozen node is started again on another machine, and continues later. */
    private void replace(SimNode node) {
        if (!node.alive() || node.leaving() || !nodes.contains(node)) {
            return;
        }
        world.note("replace " + node.name());
        node.pause();
        replaced.add(node);
        nodes.set(nodes.indexOf(node), boot(node.name()));
        later(6, this::regroupSides);
        world.after(world.upTo(15 * World.SECONDS), () -> {
            world.note("resume the former " + node.name());
            node.resume();
            if (node.alive() && !healed) {
                if (world.chance(0.5)) {
                    regroup(List.of(node));
                }
                later(8, this::regroupSides);
            }
        });
    }

    private void nameTaken(SimNode duplicate) {
        world.saw("name taken");
        duplicate.leave(() -> later(3, this::regroupSides));
    }

    private void loseSome() {
        network.openPipes().stream().filter(_ -> world.chance(0.3)).forEach(Network.Pipe::lose);
    }

    private void pause(SimNode node, int seconds) {
        world.note("pause " + node.name());
        world.saw("pause");
        node.pause();
        world.after(world.upTo(seconds * World.SECONDS), () -> {
            world.note("resume " + node.name());
            node.resume();
        });
    }

    private void block(SimNode from, SimNode to) {
        world.note("block " + from.name() + " to " + to.name());
        network.block(from.name(), to.name());
        if (world.chance(0.3)) {
            network.block(to.name(), from.name());
        }
        later(8, this::blockSides);
    }

    private void endASession() {
        List<Network.Pipe> open = network.openPipes();
        if (!open.isEmpty()) {
            Network.Pipe pipe = world.any(open);
            world.note("full queue " + pipe);
            world.saw("full queue");
            pipe.end();
            pipe.begin();
        }
    }

    private List<SimNode> all() {
        return Stream.concat(nodes.stream(), replaced.stream()).toList();
    }

    private List<SimNode> running() {
        return all().stream().filter(SimNode::alive).toList();
    }

    private void regroupSides() {
        for (int side = 0; side < 3; side++) {
            int which = side;
            List<SimNode> some = new ArrayList<>(running());
            some.addAll(ghosts);
            some.removeIf(node -> sides.get(node.name()) != which);
            // Usually a frozen node was excluded before it is replaced.
            some.removeIf(node -> node.paused() && replaced.contains(node) && world.chance(0.8));
            regroup(some);
        }
    }

    /** Creates one view of these nodes. Nodes of one view keep their order; several views are joined in any order. */
    private void regroup(List<SimNode> members) {
        if (members.stream().noneMatch(SimNode::alive)) {
            return;
        }
        Set<View> before = new LinkedHashSet<>();
        members.forEach(node -> before.add(node.issued));
        List<View> parts = new ArrayList<>(before);
        Collections.shuffle(parts, world.random);
        List<Peer> order = new ArrayList<>();
        for (View part : parts) {
            for (Peer peer : part.members()) {
                SimNode node = everyone.get(peer);
                if (members.contains(node) && node.issued.equals(part)) {
                    order.add(peer);
                }
            }
        }
        long number = 1
                + members.stream()
                        .mapToLong(node -> node.issued.id().number())
                        .max()
                        .orElseThrow();
        var view = new View(new ViewId(number, order.getFirst()), order, parts.size() > 1);
        for (SimNode node : members) {
            node.issued = view;
            if (healed || !world.chance(0.05)) {
                world.after(
                        world.upTo(world.chance(0.2) ? 3 * World.SECONDS : 100 * World.MILLIS), () -> post(node, view));
            }
        }
    }

    private void post(SimNode node, View view) {
        if (node.paused() || network.blocked(view.coordinator().node(), node.name())) {
            if (healed || world.chance(0.9)) {
                world.after(50 * World.MILLIS, () -> post(node, view));
            }
        } else {
            node.install(view);
        }
    }

    private void heal() {
        world.note("heal");
        healed = true;
        network.unblockAll();
        sides.replaceAll((_, _) -> 0);
        world.runUntil(world.now() + 16 * World.SECONDS);
        if (running().isEmpty()) {
            nodes.set(0, boot(nodes.getFirst().name()));
        }
        regroup(running());
        if (!replaced.isEmpty()) {
            // Time for the duplicates to end.
            world.runUntil(world.now() + 8 * World.SECONDS);
            regroup(running());
        }
    }

    private void verify() {
        List<SimNode> running = running();
        for (SimNode node : running) {
            world.check(node.view().equals(running.getFirst().view()), "the simulation did not heal");
            node.maps.checkEqual(running);
            node.names.checkEqual(running);
            node.roster.checkEqual(running);
        }
    }
}
