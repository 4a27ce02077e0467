package io.heliodor.interop.cluster;

import io.heliodor.fixtures.linearizability.NameHistory;
import io.heliodor.fixtures.linearizability.NameHistory.Answer.Done;
import io.heliodor.fixtures.linearizability.NameHistory.Answer.NoOwner;
import io.heliodor.fixtures.linearizability.NameHistory.Answer.Owned;
import io.heliodor.fixtures.linearizability.NameHistory.Answer.Refused;
import io.heliodor.fixtures.linearizability.NameHistory.Answer.Unknown;
import io.heliodor.fixtures.linearizability.NameHistory.Call;
import io.heliodor.fixtures.linearizability.NameHistory.Incarnation;
import io.heliodor.fixtures.linearizability.NameHistory.Owner;
import java.util.Optional;

/** The operations of node shells on names. A shell has one process for each name. Thread-safe. */
final class RegistryHistory {
    private final NameHistory history = new NameHistory();

    /** Has a node register, unregister or look up a name, and records the operation. */
    Answer run(NodeShell shell, String verb, String name) {
        Call call = call(incarnation(shell), verb, name);
        long invoked = history.now();
        Answer answer;
        try {
            answer = shell.run(verb + " " + name);
        } catch (AssertionError e) {
            history.record(call, new Unknown(), invoked);
            throw e;
        }
        history.record(call, answer(call, answer), invoked);
        return answer;
    }

    static Incarnation incarnation(NodeShell shell) {
        return new Incarnation(shell.name(), shell.pid());
    }

    private static Call call(Incarnation by, String verb, String name) {
        return switch (verb) {
            case "register" -> new Call.Register(name, new Owner(by, ""));
            case "unregister" -> new Call.Unregister(name, by);
            case "lookup" -> new Call.Lookup(name, by);
            default -> throw new IllegalArgumentException("'" + verb + "' is not of the registry");
        };
    }

    private static NameHistory.Answer answer(Call call, Answer answer) {
        if (answer.ok()) {
            return call instanceof Call.Lookup ? found(answer.text("node")) : new Done();
        }
        return switch (answer.error()) {
            case "name_taken", "not_owner" -> new Owned(owner(answer), "");
            case "no_process" -> call instanceof Call.Register ? new Unknown() : new NoOwner();
            case "unknown", "timeout" -> new Unknown();
            case "no_quorum", "not_connected", "unreachable" -> new Refused();
            default -> throw new AssertionError("no error of the registry:\n" + answer);
        };
    }

    private static NameHistory.Answer found(String node) {
        return node.equals("null") ? new NoOwner() : new Owned(node, "");
    }

    /** The message begins with the node of the owner. */
    private static String owner(Answer refusal) {
        return refusal.text("message").split(" ", 2)[0];
    }

    /** From now on the names of a node may become free at any time: it is cut off, or has ended. */
    void mayLoseNames(NodeShell shell) {
        history.mayLoseNames(incarnation(shell));
    }

    /** All see a node again: it keeps its names. */
    void keepsNames(NodeShell shell) {
        history.keepsNames(incarnation(shell));
    }

    /** The violation, if there is one. */
    Optional<String> violation() {
        return history.violation();
    }

    int size() {
        return history.size();
    }
}
