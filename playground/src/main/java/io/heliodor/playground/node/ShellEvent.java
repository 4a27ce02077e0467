package io.heliodor.playground.node;

import java.util.List;
import java.util.Optional;

/** What happens to a node without a command. */
sealed interface ShellEvent {
    /** A member came, went, or is thought of otherwise. */
    record Membership(Change change, String node, long incarnation) implements ShellEvent {}

    /** What a member became. */
    enum Change {
        UP,
        SUSPECT,
        ALIVE,
        DOWN,
        LEFT
    }

    /** What had been apart is one. */
    record Merged(List<String> nodes) implements ShellEvent {}

    /** A name had two owners. */
    record Conflict(String name, String winner, String loser) implements ShellEvent {}

    /** A monitored process ended; without a node when nobody had the name. */
    record ProcessDown(String name, Optional<String> node, Reason reason) implements ShellEvent {}

    /** Why a monitor fired. */
    enum Reason {
        NORMAL,
        FAILED,
        NO_PROCESS,
        NO_CONNECTION
    }

    /** This node leads. */
    record Leading(String election, ShellNode.Term term) implements ShellEvent {}

    /** This node led. */
    record Lost(String election, ShellNode.Term term) implements ShellEvent {}

    /** Something was published. */
    record Message(String topic, String text, String from) implements ShellEvent {}
}
