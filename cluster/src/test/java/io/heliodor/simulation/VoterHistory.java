package io.heliodor.simulation;

import io.heliodor.link.Peer;
import io.heliodor.raft.Voters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The common history of all hosts of a simulated cluster with voters: no two apply different commands at one index. */
final class VoterHistory {
    private final World world;
    private final Map<String, VoterDisk> disks = new HashMap<>();
    private final Map<Long, Peer> leaders = new HashMap<>();

    /** By index: the command that the first node applied there. */
    private final Map<Long, String> applied = new HashMap<>();

    final Voters initial;

    /** As of the last entry that changed them; nothing is known while one may be committed or not. */
    private Optional<Voters> voters;

    /** The last entry that any node knew to be committed. */
    long highest;

    /** The highest index whose proposer was told that it is committed. */
    long committed;

    private long commands;
    private boolean calm;

    VoterHistory(World world, List<String> hosts) {
        this.world = world;
        this.initial = new Voters(hosts.subList(0, 1 + world.random.nextInt(hosts.size())));
        this.voters = Optional.of(initial);
    }

    /** The disk of a node that starts. */
    VoterDisk mounted(String host) {
        VoterDisk disk = disk(host);
        disk.crashes = !calm && world.chance(0.5) ? 0.01 : 0;
        return disk;
    }

    /** The list that a host has in its settings when it starts. */
    Voters configured() {
        return voters.orElse(initial);
    }

    private VoterDisk disk(String host) {
        return disks.computeIfAbsent(host, _ -> new VoterDisk(world));
    }

    /** A host loses its disk, if that must do no harm: all others have all that is committed. */
    void mayLose(String host) {
        List<String> present = voters.map(Voters::nodes).orElse(List.of());
        boolean harmless = present.size() >= 3
                && highest > 0
                && present.stream()
                        .filter(other -> !other.equals(host))
                        .allMatch(other -> disk(other).lastIndex() >= highest);
        if (harmless && world.chance(0.2)) {
            world.note(host + " loses its disk");
            world.saw("lost disk");
            disk(host).wipe();
        }
    }

    void changing() {
        voters = Optional.empty();
    }

    void changed(Voters present) {
        voters = Optional.of(present);
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
        disks.values().forEach(disk -> disk.crashes = 0);
    }
}
