package io.heliodor.node.consensus;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Checks logs: the appended commands, the outcomes of their callers, and the commands that replicas applied. Each
 * command is a text that is appended once. Thread-safe.
 */
public final class LogContract {
    private record Append(String command, long after) {}

    private final List<String> violations = new ArrayList<>();

    /** The command at each index, as the first replica applied it. */
    private final Map<Long, String> entries = new TreeMap<>();

    private final Map<String, Long> places = new HashMap<>();
    private final Map<String, Append> appends = new HashMap<>();
    private final Map<String, Long> last = new HashMap<>();
    private final Set<String> refused = new HashSet<>();
    private final Map<String, Long> committed = new HashMap<>();
    private long highest;

    /** Called before a command is appended: all commands that are committed now must precede it. */
    public synchronized void appending(String command) {
        if (appends.put(command, new Append(command, highest)) != null) {
            violations.add(command + " was appended twice by the test");
        }
    }

    /** Called when a caller has its outcome. */
    public synchronized void completed(String command, ConsensusLog.Outcome outcome) {
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

    /** Called when an incarnation of a node begins with an empty state. */
    public synchronized void begins(String node) {
        last.put(node, 0L);
    }

    /** Called when a replica applies a command. */
    public synchronized void applied(String node, long index, String command) {
        if (index <= last.getOrDefault(node, 0L)) {
            violations.add(node + " was given " + index + " after " + last.get(node));
        }
        last.put(node, index);
        place(index, command, node);
    }

    /** Called when a replica restores a snapshot. Commands in the snapshot may be applied again. */
    public synchronized void restored(String node) {
        last.put(node, 0L);
    }

    private void place(long index, String command, String holder) {
        String known = entries.putIfAbsent(index, command);
        if (known != null && !known.equals(command)) {
            violations.add(holder + " has " + command + " at " + index + ", where " + known + " was");
        }
        Long place = places.putIfAbsent(command, index);
        if (place != null && place != index) {
            violations.add(holder + " has " + command + " at " + index + " and at " + place);
        }
    }

    /** All violations, at the end. */
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

    /** The number of commands that callers saw committed. */
    public synchronized int committed() {
        return committed.size();
    }
}
