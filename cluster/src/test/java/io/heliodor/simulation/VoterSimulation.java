package io.heliodor.simulation;

import io.heliodor.link.Envelope;
import io.heliodor.link.Message;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import io.heliodor.raft.Voters;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Voters and other members of a cluster under frequent faults: crashes between two writes, immediate restarts, lost
 * sessions, splits, pauses. Then the faults end, and the states are checked. One thread; the seed decides every step.
 */
final class VoterSimulation {
    private record Way(Peer from, Peer to) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Packet(byte[] envelope, long earliest) {}

    private final World world;
    private final VoterHistory history;
    private final Map<String, VoterHost> hosts = new LinkedHashMap<>();
    private final Map<Way, ArrayDeque<Packet>> sessions = new HashMap<>();
    private final Map<String, Integer> sides = new HashMap<>();
    private final Set<String> paused = new HashSet<>();

    /** Paused leaders, which begin nothing of their own until they receive the replies to their last heartbeat. */
    private final Set<String> isolated = new HashSet<>();

    private final boolean slow;
    private final Optional<VoterClients> clients;
    private long views;

    private VoterSimulation(long seed, Optional<VoterHistory.CrashPoint> crash, boolean hasClients) {
        world = new World(seed);
        clients = hasClients ? Optional.of(new VoterClients(world)) : Optional.empty();
        slow = world.chance(0.2);
        int count = 1 + world.random.nextInt(6);
        List<String> names = IntStream.range(0, count).mapToObj(i -> "h" + i).toList();
        history = new VoterHistory(world, names, crash);
        names.forEach(name -> sides.put(name, 0));
        names.forEach(this::boot);
    }

    static Simulation.Result run(long seed) {
        World world = played(seed, Optional.empty(), false).world;
        return new Simulation.Result(world.hash(), world.seen);
    }

    /** Runs a history with clients, whose operations must be linearizable. */
    static Simulation.Result runWithClients(long seed) {
        World world = played(seed, Optional.empty(), true).world;
        return new Simulation.Result(world.hash(), world.seen);
    }

    /**
     * Runs a history in which no write crashes but one.
     *
     * @return the number of writes
     */
    static int run(long seed, VoterHistory.CrashPoint crash) {
        return played(seed, Optional.of(crash), false).history.writes;
    }

    private static VoterSimulation played(long seed, Optional<VoterHistory.CrashPoint> crash, boolean hasClients) {
        var simulation = new VoterSimulation(seed, crash, hasClients);
        try {
            simulation.play();
        } catch (AssertionError | RuntimeException e) {
            String where = crash.map(point -> ", " + point).orElse("");
            throw new AssertionError(
                    "Seed " + seed + where + ": " + e.getMessage() + "\n" + simulation.world.story(), e);
        }
        return simulation;
    }

    private void play() {
        regroup();
        world.after(0, this::tick);
        long end = world.now() + (5 + world.random.nextInt(40)) * World.SECONDS;
        double faults = 0.01 + world.random.nextDouble() * 0.1;
        while (world.now() < end) {
            world.runUntil(world.now() + world.upTo(60 * World.MILLIS));
            if (world.chance(faults)) {
                fault();
            } else {
                VoterHost host = world.any(List.copyOf(hosts.values()));
                if (!isolated.contains(host.name())) {
                    act(host);
                }
            }
        }
        heal();
        world.runUntil(world.now() + 20 * World.SECONDS);
        hosts.values().forEach(VoterHost::propose);
        world.runUntil(world.now() + 5 * World.SECONDS);
        VoterHost.checkEqual(world, List.copyOf(hosts.values()));
        clients.ifPresent(VoterClients::check);
    }

    private Optional<VoterHost> leader() {
        return hosts.values().stream().filter(VoterHost::leads).findFirst();
    }

    private void act(VoterHost host) {
        if (clients.isPresent() && world.chance(0.9)) {
            VoterHost next = world.chance(0.5) ? leader().orElse(host) : host;
            clients.get().act(isolated.contains(next.name()) ? host : next);
        } else {
            host.act();
        }
    }

    private void tick() {
        List.copyOf(hosts.values()).forEach(host -> {
            if (!paused.contains(host.name())) {
                host.tick();
            }
        });
        world.after(100 * World.MILLIS, this::tick);
    }

    private void boot(String name) {
        var host = new VoterHost(world, this, history, new Peer(name, world.random.nextLong() >>> 1));
        hosts.put(name, host);
        host.start();
    }

    private void fault() {
        VoterHost host = world.any(List.copyOf(hosts.values()));
        switch (world.random.nextInt(9)) {
            case 0, 1 -> crash(host);
            case 2 -> {
                world.note("pause " + host.name());
                paused.add(host.name());
                world.after(world.upTo(8 * World.SECONDS), () -> paused.remove(host.name()));
            }
            case 3 -> {
                world.note("split");
                sides.replaceAll((_, _) -> world.random.nextInt(2));
                world.after(world.upTo(4 * World.SECONDS), this::regroup);
                world.after(world.upTo(10 * World.SECONDS), this::unite);
            }
            case 4 -> regroup();
            case 5 -> {
                world.note("all crash");
                List.copyOf(hosts.values()).forEach(this::crash);
            }
            case 6 -> leader().ifPresent(this::isolate);
            default -> {
                VoterHost other = world.any(List.copyOf(hosts.values()));
                world.note("session ends " + host.name() + ">" + other.name());
                end(host, other);
            }
        }
    }

    /**
     * Pauses a leader that sends a heartbeat, until the others may have elected: the replies to that heartbeat are the first that
     * it receives afterwards, when it has begun a read.
     */
    private void isolate(VoterHost leader) {
        world.note("pause the leader " + leader.name());
        world.saw("pause of a leader");
        leader.propose();
        leader.read();
        paused.add(leader.name());
        isolated.add(leader.name());
        world.after(4 * World.SECONDS + world.upTo(4 * World.SECONDS), () -> {
            leader.read();
            paused.remove(leader.name());
            isolated.remove(leader.name());
        });
    }

    /** Crashes a host and soon starts it again, perhaps before any other host notices. */
    void crash(VoterHost host) {
        if (!host.alive()) {
            return;
        }
        world.note(host.name() + " crashes");
        world.saw("crash");
        host.crash();
        world.after(history.restartNanos(), () -> {
            // An operator removes no voter while the rest may lose directories.
            if (hosts.values().stream().noneMatch(VoterHost::changing)) {
                history.mayLose(host.name(), lists());
            }
            boot(host.name());
            world.after(world.upTo(300 * World.MILLIS), this::regroup);
        });
    }

    private List<Voters> lists() {
        return hosts.values().stream().flatMap(host -> host.lists().stream()).toList();
    }

    private void unite() {
        sides.replaceAll((_, _) -> 0);
        regroup();
    }

    private void heal() {
        world.note("heal");
        history.calm();
        List.copyOf(hosts.values()).stream().filter(VoterHost::withoutDisk).forEach(this::crash);
        world.runUntil(world.now() + 10 * World.SECONDS);
        paused.clear();
        isolated.clear();
        unite();
    }

    /** Creates a view of the running hosts of each side. Each host installs it after a while. */
    private void regroup() {
        for (int side = 0; side < 2; side++) {
            int which = side;
            List<VoterHost> members = new ArrayList<>();
            hosts.values().stream()
                    .filter(host -> host.alive() && sides.get(host.name()) == which)
                    .forEach(members::add);
            if (members.isEmpty()) {
                continue;
            }
            List<Peer> peers = members.stream().map(VoterHost::peer).toList();
            var view = new View(new ViewId(++views, peers.getFirst()), peers, false);
            members.forEach(host -> world.after(world.upTo(200 * World.MILLIS), () -> install(host, view)));
        }
    }

    private void install(VoterHost host, View view) {
        if (!host.alive() || host.view().id().number() >= view.id().number()) {
            return;
        }
        if (paused.contains(host.name())) {
            world.after(50 * World.MILLIS, () -> install(host, view));
            return;
        }
        host.view(view);
        for (Peer peer : view.members()) {
            Way way = new Way(host.peer(), peer);
            if (!peer.equals(host.peer()) && !sessions.containsKey(way)) {
                begin(way);
            }
        }
        sessions.keySet().removeIf(way -> way.from().equals(host.peer()) && !view.has(way.to()));
    }

    private void end(VoterHost from, VoterHost to) {
        Way way = new Way(from.peer(), to.peer());
        ArrayDeque<Packet> session = sessions.get(way);
        if (session != null) {
            // Some of the packets under way arrive, the rest are lost.
            int lost = world.random.nextInt(session.size() + 1);
            for (; lost > 0; lost--) {
                session.removeLast();
            }
            begin(way);
        }
    }

    private void begin(Way way) {
        sessions.putIfAbsent(way, new ArrayDeque<>());
        world.after(delay(), () -> {
            VoterHost from = hosts.get(way.from().node());
            if (from.peer().equals(way.from()) && from.alive() && from.view().has(way.to())) {
                from.opened(way.to());
            }
        });
    }

    private long delay() {
        return world.chance(slow ? 0.2 : 0.02)
                ? world.upTo(700 * World.MILLIS)
                : 100_000 + world.upTo(5 * World.MILLIS);
    }

    void send(Peer from, Peer to, Message message) {
        ArrayDeque<Packet> session = sessions.get(new Way(from, to));
        if (session != null) {
            long earliest = world.now() + delay();
            if (!session.isEmpty()) {
                earliest = Math.max(earliest, session.getLast().earliest());
            }
            session.addLast(new Packet(Envelope.of(message).toBytes(), earliest));
            world.after(earliest - world.now(), () -> arrive(new Way(from, to)));
        }
    }

    private void arrive(Way way) {
        ArrayDeque<Packet> session = sessions.get(way);
        VoterHost to = hosts.get(way.to().node());
        if (session == null || session.isEmpty() || !to.alive() || !to.peer().equals(way.to())) {
            return;
        }
        boolean apart = !sides.get(way.from().node()).equals(sides.get(way.to().node()));
        if (paused.contains(to.name()) || apart) {
            world.after(20 * World.MILLIS, () -> arrive(way));
        } else if (session.getFirst().earliest() <= world.now()) {
            to.received(way.from(), session.removeFirst().envelope());
        }
    }
}
