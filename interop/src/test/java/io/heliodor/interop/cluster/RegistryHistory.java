package io.heliodor.interop.cluster;

import io.heliodor.interop.cluster.Linearizability.Chance;
import io.heliodor.interop.cluster.Linearizability.Operation;
import io.heliodor.interop.cluster.Linearizability.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The operations of nodes on names, and their answers. Names are independent of each other, so each is checked by
 * itself; its state is the node that owns it. Thread-safe.
 */
final class RegistryHistory {
    /** The state of a name without an owner, as in the answer to a lookup. */
    private static final String NO_OWNER = "null";

    private final Map<String, List<Operation<String>>> byName = new TreeMap<>();

    /** The periods in which the voters may have freed the names of a node. */
    private final List<Chance<String>> chances = new ArrayList<>();

    /** Nodes that are cut off, with the time since when. */
    private final Map<String, Long> apart = new TreeMap<>();

    /** The clock of the history. */
    static long now() {
        return System.nanoTime();
    }

    /** Has a node register, unregister or look up a name, and records the operation. */
    Answer run(NodeShell shell, String verb, String name) {
        long invoked = now();
        Answer answer;
        try {
            answer = shell.run(verb + " " + name);
        } catch (AssertionError e) {
            lost(verb, shell.name(), name, invoked);
            throw e;
        }
        record(shell.name(), answer, verb, name, invoked, now());
        return answer;
    }

    void record(String node, Answer answer, String verb, String name, long invoked, long returned) {
        if (answer.ok()) {
            String owner = verb.equals("lookup") ? answer.text("node") : node;
            add(name, text(verb, node, owner), invoked, returned, done(verb, owner));
            return;
        }
        switch (answer.error()) {
            case "name_taken", "not_owner" ->
                add(
                        name,
                        text(verb, node, answer.error()),
                        invoked,
                        returned,
                        owner -> owner.equals(NO_OWNER) || owner.equals(node) ? Optional.empty() : Optional.of(owner));
            case "no_process" -> add(name, text(verb, node, "no_process"), invoked, returned, only(NO_OWNER, NO_OWNER));
            case "unknown", "timeout" -> lost(verb, node, name, invoked);
            // Refused: nothing happened.
            case "no_quorum", "not_connected", "unreachable" -> {}
            default -> throw new AssertionError("no error of the registry:\n" + answer);
        }
    }

    /** The result of an operation is unknown: an operation without a return may be left out. */
    void lost(String verb, String node, String name, long invoked) {
        if (!verb.equals("lookup")) {
            add(name, text(verb, node, "?"), invoked, Linearizability.NEVER, done(verb, node));
        }
    }

    /** A node is cut off, or ended: from now on its names may become free at any time. */
    void cutOff(String node) {
        synchronized (byName) {
            apart.putIfAbsent(node, now());
        }
    }

    /** All see a node again: it keeps its names. */
    void isBack(String node) {
        synchronized (byName) {
            Long since = apart.remove(node);
            if (since != null) {
                chances.add(new Chance<>(since, now(), done("unregister", node)));
            }
        }
    }

    /** The violation, if there is one. */
    Optional<String> violation() {
        synchronized (byName) {
            List<Chance<String>> all = new ArrayList<>(chances);
            apart.forEach(
                    (node, since) -> all.add(new Chance<>(since, Linearizability.NEVER, done("unregister", node))));
            return byName.entrySet().stream()
                    .flatMap(name -> Linearizability.violation(NO_OWNER, name.getValue(), all).stream()
                            .map(found -> name.getKey() + ": " + found))
                    .findFirst();
        }
    }

    int size() {
        synchronized (byName) {
            return byName.values().stream().mapToInt(List::size).sum();
        }
    }

    private static Step<String> done(String verb, String node) {
        return switch (verb) {
            case "register" ->
                owner -> owner.equals(NO_OWNER)
                        ? Optional.of(node)
                        : only(node, node).after(owner);
            case "unregister" -> only(node, NO_OWNER);
            case "lookup" -> only(node, node);
            default -> throw new IllegalArgumentException("'" + verb + "' is not of the registry");
        };
    }

    /** A step that is possible in one state only. */
    private static Step<String> only(String before, String after) {
        return owner -> owner.equals(before) ? Optional.of(after) : Optional.empty();
    }

    private static String text(String verb, String node, String result) {
        return node + " " + verb + " -> " + result;
    }

    private void add(String name, String text, long invoked, long returned, Step<String> step) {
        synchronized (byName) {
            byName.computeIfAbsent(name, first -> new ArrayList<>())
                    .add(new Operation<>(text, invoked, returned, step));
        }
    }
}
