package io.heliodor.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Random faults from a seed: the same seed on a cluster with the same names gives the same faults, if no other code causes
 * faults. At least one node keeps running. Not thread-safe.
 */
public final class Chaos {
    /** The kinds of faults, of equal probability. */
    private enum Fault {
        PARTITION,
        ONE_WAY,
        DELAY,
        PAUSE,
        CRASH,
        RECOVER,
        HEAL
    }

    private final ClusterKit kit;
    private final long seed;
    private final Random random;
    private final List<String> done = new ArrayList<>();

    Chaos(ClusterKit kit, long seed) {
        this.kit = kit;
        this.seed = seed;
        this.random = new Random(seed);
    }

    /**
     * Draws and causes the next fault or recovery. Advance the clock afterwards to see its effects.
     *
     * @return a description of the fault
     */
    public String next() {
        Fault[] faults = Fault.values();
        String what = "";
        while (what.isEmpty()) {
            what = cause(faults[random.nextInt(faults.length)]);
        }
        done.add(what);
        return what;
    }

    /** Causes a fault; returns an empty text if it is not possible now. */
    private String cause(Fault fault) {
        List<String> nodes = kit.nodes();
        List<String> running = nodes.stream().filter(kit::runs).toList();
        return switch (fault) {
            case PARTITION -> partition(nodes);
            case ONE_WAY -> pair(nodes, true);
            case DELAY -> pair(nodes, false);
            case PAUSE -> running.size() < 2 ? "" : pause(any(running));
            case CRASH -> running.size() < 2 ? "" : crash(any(running));
            case RECOVER -> {
                List<String> down =
                        nodes.stream().filter(node -> !kit.runs(node)).toList();
                yield down.isEmpty() ? "" : recover(any(down));
            }
            case HEAL -> {
                kit.heal();
                yield "heal";
            }
        };
    }

    private String any(List<String> names) {
        return names.get(random.nextInt(names.size()));
    }

    private String partition(List<String> nodes) {
        List<String> side = new ArrayList<>();
        List<String> other = new ArrayList<>();
        nodes.forEach(node -> (random.nextBoolean() ? side : other).add(node));
        if (side.isEmpty() || other.isEmpty()) {
            return "";
        }
        kit.partition(side, other);
        return "partition " + side + " " + other;
    }

    private String pair(List<String> nodes, boolean lose) {
        String from = any(nodes);
        String to = any(nodes);
        if (from.equals(to)) {
            return "";
        }
        if (lose) {
            kit.oneWay(from, to);
            return "oneWay " + from + " " + to;
        }
        kit.delay(from, to);
        return "delay " + from + " " + to;
    }

    private String pause(String node) {
        kit.pause(node);
        return "pause " + node;
    }

    private String crash(String node) {
        kit.crash(node);
        return "crash " + node;
    }

    private String recover(String node) {
        if (kit.exists(node)) {
            kit.resume(node);
            return "resume " + node;
        }
        var _ = kit.restart(node);
        return "restart " + node;
    }

    /** Ends all faults: all nodes run and all messages pass. Advance the clock until the cluster has merged. */
    public void end() {
        kit.heal();
        kit.nodes().stream().filter(node -> !kit.runs(node)).forEach(this::recover);
        done.add("end");
    }

    /**
     * Returns the faults so far.
     *
     * @return an immutable list in order
     */
    public List<String> done() {
        return List.copyOf(done);
    }

    /** The seed and the faults, for the message of a failed test. */
    @Override
    public String toString() {
        return "seed " + seed + ": " + String.join(", ", done);
    }
}
