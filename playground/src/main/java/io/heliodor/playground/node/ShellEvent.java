package io.heliodor.playground.node;

import io.heliodor.election.Election;
import java.util.List;
import java.util.Optional;

/** An event of a node that no command caused. */
sealed interface ShellEvent {
    /** The status of a member changed. */
    record Membership(Change change, String node, long incarnation) implements ShellEvent {}

    /** The new status of a member. */
    enum Change {
        UP,
        SUSPECT,
        ALIVE,
        DOWN,
        LEFT
    }

    /** Separate parts of the cluster merged. */
    record Merged(List<String> nodes) implements ShellEvent {}

    /** A name had two owners. */
    record Conflict(String name, String winner, String loser) implements ShellEvent {}

    /** A monitored process ended; without a node if the name had no owner. */
    record ProcessDown(String name, Optional<String> node, Reason reason) implements ShellEvent {}

    /** The reason of a monitor's event. */
    enum Reason {
        NORMAL,
        FAILED,
        NO_PROCESS,
        NO_CONNECTION
    }

    /** This node became the leader. */
    record Leading(String election, Election.Term term) implements ShellEvent {}

    /** This node is no longer the leader. */
    record Lost(String election, Election.Term term) implements ShellEvent {}

    /** A message was published. */
    record Message(String topic, String text, String from) implements ShellEvent {}
}
