package io.heliodor.link;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Judges what logs did: what was appended, what its callers were told, and what the replicas were given. Each command is a
 * text that comes once. Any thread.
 */
public final class LogContract {
    private record Append(String command, long after) {}

    private final List<String> violations = new ArrayList<>();

    /** What is at which index, as the first replica was told. */
    private final Map<Long, String> entries = new TreeMap<>();

    private final Map<String, Long> places = new HashMap<>();
    private final Map<String, Append> appends = new HashMap<>();
    private final Map<String, Long> last = new HashMap<>();
    private final Set<String> refused = new HashSet<>();
    private final Map<String, Long> committed = new HashMap<>();
    private long highest;

    /** A command is about to be appended: all that is known to be committed now comes before it. */
    public synchronized void appending(String command) {
        if (appends.put(command, new Append(command, highest)) != null) {
            violations.add(command + " was appended twice by the test");
        }
    }

    /** A caller was told. */
    public synchronized void told(String command, ConsensusLog.Outcome outcome) {
        switch (outcome) {
            case ConsensusLog.Outcome.Committed(long index, byte[] _) -> {
                committed.put(command, index);
                highest = Math.max(highest, index);
                if (index <= appends.get(command).after()) {
                    violations.add(command + " is at " + index + ", but something before it is at "
                            + appends.get(command).after());
                }
                place(index, command, "its caller");
            }
            case ConsensusLog.Outcome.Refused _ -> refused.add(command);
            case ConsensusLog.Outcome.Unknown _ -> {}
        }
    }

    /** A life of a node begins with nothing. */
    public synchronized void begins(String node) {
        last.put(node, 0L);
    }

    /** A replica was given a command. */
    public synchronized void applied(String node, long index, String command) {
        if (index <= last.getOrDefault(node, 0L)) {
            violations.add(node + " was given " + index + " after " + last.get(node));
        }
        last.put(node, index);
        place(index, command, node);
    }

    /** A replica was given the state of an index. What it has may come once more. */
    public synchronized void restored(String node) {
        last.put(node, 0L);
    }

    private void place(long index, String command, String who) {
        String known = entries.putIfAbsent(index, command);
        if (known != null && !known.equals(command)) {
            violations.add(who + " has " + command + " at " + index + ", where " + known + " was");
        }
        Long place = places.putIfAbsent(command, index);
        if (place != null && place != index) {
            violations.add(who + " has " + command + " at " + index + " and at " + place);
        }
    }

    /** At the end. */
    public synchronized List<String> violations() {
        List<String> all = new ArrayList<>(violations);
        for (String command : refused) {
            if (places.containsKey(command)) {
                all.add(command + " was refused, and is at " + places.get(command));
            }
        }
        entries.values().stream()
                .filter(command -> !appends.containsKey(command))
                .forEach(command -> all.add("nobody has appended " + command));
        return all;
    }

    /** How many commands are known to be committed. */
    public synchronized int committed() {
        return committed.size();
    }
}
