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
 * What nodes did with names, and what they were answered. Names have nothing to do with each other, so each is judged by
 * itself; its state is the node that owns it. Thread-safe.
 */
final class RegistryHistory {
    /** As a lookup says it. */
    private static final String NOBODY = "null";

    private final Map<String, List<Operation<String>>> byName = new TreeMap<>();

    /** When the voters may have freed what a node owns. */
    private final List<Chance<String>> chances = new ArrayList<>();

    /** Nodes that are cut off, since when. */
    private final Map<String, Long> apart = new TreeMap<>();

    /** The clock of the history. */
    static long now() {
        return System.nanoTime();
    }

    /** Asks a node to register, unregister or look up a name, and records it. */
    Answer ask(NodeShell shell, String verb, String name) {
        long invoked = now();
        Answer answer;
        try {
            answer = shell.ask(verb + " " + name);
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
                        owner -> owner.equals(NOBODY) || owner.equals(node) ? Optional.empty() : Optional.of(owner));
            case "no_process" -> add(name, text(verb, node, "no_process"), invoked, returned, only(NOBODY, NOBODY));
            case "unknown", "timeout" -> lost(verb, node, name, invoked);
            // Refused: nothing happened.
            case "no_quorum", "not_connected", "unreachable" -> {}
            default -> throw new AssertionError("no error of the registry:\n" + answer);
        }
    }

    /** A node asked, and nobody knows what came of it: an operation without a return may be left out. */
    void lost(String verb, String node, String name, long invoked) {
        if (!verb.equals("lookup")) {
            add(name, text(verb, node, "?"), invoked, Linearizability.NEVER, done(verb, node));
        }
    }

    /** A node is cut off, or ended: from now on what it owns may become free at any time. */
    void cutOff(String node) {
        synchronized (byName) {
            apart.putIfAbsent(node, now());
        }
    }

    /** All see it again: what it owns now it keeps. */
    void isBack(String node) {
        synchronized (byName) {
            Long since = apart.remove(node);
            if (since != null) {
                chances.add(new Chance<>(since, now(), done("unregister", node)));
            }
        }
    }

    /** What is wrong, if something is. */
    Optional<String> violation() {
        synchronized (byName) {
            List<Chance<String>> all = new ArrayList<>(chances);
            apart.forEach(
                    (node, since) -> all.add(new Chance<>(since, Linearizability.NEVER, done("unregister", node))));
            return byName.entrySet().stream()
                    .flatMap(name -> Linearizability.violation(NOBODY, name.getValue(), all).stream()
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
                owner -> owner.equals(NOBODY)
                        ? Optional.of(node)
                        : only(node, node).after(owner);
            case "unregister" -> only(node, NOBODY);
            case "lookup" -> only(node, node);
            default -> throw new IllegalArgumentException("'" + verb + "' is not of the registry");
        };
    }

    /** What is possible in one state alone. */
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
