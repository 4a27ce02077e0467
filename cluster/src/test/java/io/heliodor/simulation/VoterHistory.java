package io.heliodor.simulation;

import io.heliodor.link.Peer;
import io.heliodor.raft.Storage;
import io.heliodor.raft.Voters;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The common history of all hosts of a simulated cluster with voters: no two apply different commands at one index. */
final class VoterHistory {
    /**
     * A crash at one write of a history.
     *
     * @param write the number of the write, from 0
     * @param after whether the write is on the disk
     * @param late whether the host starts again when the others have elected, or at once
     */
    record CrashPoint(int write, boolean after, boolean late) {}

    private final World world;
    private final Map<String, VoterDisk> disks = new HashMap<>();
    /** By host: the time at which it last lost its disk. */
    private final Map<String, Long> lost = new HashMap<>();

    private final Map<Long, Peer> leaders = new HashMap<>();

    /** By index: the command that the first node applied there. */
    private final Map<Long, String> applied = new HashMap<>();

    /** The list that a host has in its settings when it starts. */
    private Voters configured;

    /** The last entry that was committed at any node. */
    long highest;

    /** The highest index whose proposer got a committed outcome. */
    long committed;

    /** The crash of the host that performs a certain write, if there is one. */
    private final Optional<CrashPoint> crashPoint;

    /** The bytes of entries after which a host takes a snapshot. */
    final int snapshotBytes;

    /** The number of writes of all hosts so far. */
    int writes;

    private long commands;
    private boolean calm;

    VoterHistory(World world, List<String> hosts, Optional<CrashPoint> crashPoint) {
        this.world = world;
        this.crashPoint = crashPoint;
        // At times a command is larger than a message with several entries.
        this.snapshotBytes = world.chance(0.1) ? 300_000 : 2_000;
        this.configured = Voters.named(hosts.subList(0, 1 + world.random.nextInt(hosts.size())));
    }

    /** The storage of a node that starts. */
    Storage mounted(String host) {
        VoterDisk disk = disk(host);
        Storage storage = disk.reopened();
        disk.crashes = !calm && world.chance(0.5) && crashPoint.isEmpty() ? 0.002 : 0;
        disk.breaks = !calm && world.chance(0.2) ? 0.002 : 0;
        return storage;
    }

    /** Whether the host crashes before or after a write. */
    boolean crashes(int write, boolean after) {
        return !calm
                && crashPoint
                        .filter(point -> point.write() == write && point.after() == after)
                        .isPresent();
    }

    /** How soon a host starts again after it has crashed. */
    long restartNanos() {
        long random = world.upTo(world.chance(0.5) ? 50 * World.MILLIS : 3 * World.SECONDS);
        return crashPoint
                .map(point -> point.late() ? 3 * World.SECONDS : World.MILLIS)
                .orElse(random);
    }

    int fillerBytes() {
        return snapshotBytes > 2_000 && world.chance(0.1) ? 70_000 : world.random.nextInt(100);
    }

    Voters configured() {
        return configured;
    }

    private VoterDisk disk(String host) {
        return disks.computeIfAbsent(host, _ -> new VoterDisk(world, this, host));
    }

    /**
     * A host loses its disk, if the others can go on: by each list that a host has, a majority of the voters has the
     * directories of that list. And its settings name the voters: with an older list two empty hosts might begin another log.
     */
    void mayLose(String host, Collection<Voters> lists) {
        boolean harmless = highest > 0
                && lists.stream()
                        .filter(list -> !list.directories().values().stream().allMatch(String::isEmpty))
                        .allMatch(list -> list.nodes().equals(configured.nodes()) && list.majority(intact(list, host)));
        if (harmless && world.chance(0.2)) {
            if (world.chance(0.5)) {
                disk(host).damage();
            } else {
                world.note(host + " loses its disk");
                world.saw("lost disk");
                disks.put(host, new VoterDisk(world, this, host));
            }
            lost.put(host, world.now());
        }
    }

    /** Whether a leader may not have noticed yet that a host has another disk. */
    boolean lostLately(String host) {
        return world.now() - lost.getOrDefault(host, -10 * World.SECONDS) < 3 * World.SECONDS;
    }

    /** Whether the voters of a list without one of them have a majority with the directories of the list. */
    boolean goesOnWithout(String host, Voters list) {
        return 2 * intact(list, host).size() > list.nodes().size() - 1;
    }

    private Set<String> intact(Voters list, String without) {
        return list.nodes().stream()
                .filter(node -> !node.equals(without)
                        && disk(node).isUsed()
                        && disk(node).directory().equals(list.directories().get(node)))
                .collect(Collectors.toSet());
    }

    /** A leader committed a list. */
    void changed(Voters present) {
        configured = Voters.named(present.nodes());
    }

    void leads(Peer peer, long term) {
        Peer known = leaders.putIfAbsent(term, peer);
        world.check(known == null || known.equals(peer), () -> "in term " + term + " lead " + known + " and " + peer);
    }

    String next() {
        return "c" + ++commands;
    }

    void applied(long index, String command) {
        String known = applied.putIfAbsent(index, command);
        world.check(known == null || known.equals(command), () -> "at " + index + " are " + known + " and " + command);
    }

    void committed(long index, String command) {
        applied(index, command);
        committed = Math.max(committed, index);
    }

    /** From now on no write crashes a node. */
    void calm() {
        calm = true;
        disks.values().forEach(disk -> {
            disk.crashes = 0;
            disk.breaks = 0;
        });
    }
}
