package io.heliodor.protocol;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A name or an election that a process of this node requested. It begins with the request, and ends when it is withdrawn,
 * rejected or lost, or when the process ends.
 */
final class Registration {
    final long number;
    final Key key;
    final long process;
    /** The requests that have no answer yet. */
    final List<Request> requests = new ArrayList<>();
    /** The term of the grant; null without one. */
    @Nullable
    Term since;
    /** Whether all members of some view acknowledged the grant: from then on the application may rely on it. */
    boolean committed;
    /** Whether all members of this view did. */
    boolean committedInView;
    /** Whether it was requested from the coordinator of this view in the current session. */
    boolean requested;
    /** Whether the coordinator of this view may know of it. */
    boolean known;

    Registration(long number, Key key, long process) {
        this.number = number;
        this.key = key;
        this.process = process;
    }

    /** A request for an answer. */
    static final class Request {
        final long ticket;
        final long deadline;
        private boolean answered;

        Request(long ticket, long deadline) {
            this.ticket = ticket;
            this.deadline = deadline;
        }

        void answer(NamesEffects effects, NameOutcome answer) {
            if (!answered) {
                answered = true;
                effects.answered(ticket, answer);
            }
        }

        boolean answered() {
            return answered;
        }
    }
}
