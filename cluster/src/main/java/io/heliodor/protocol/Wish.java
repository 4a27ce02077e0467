package io.heliodor.protocol;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a process of this node wishes for, from when it was said until it is given up, denied or lost. */
final class Wish {
    final long number;
    final Key key;
    final long process;
    /** Who waits for an answer. */
    final List<Request> requests = new ArrayList<>();
    /** When it was granted; null while it is not. */
    @Nullable
    Term since;
    /** Whether all members of a view were known to know it: only then it counts for the application. */
    boolean firm;
    /** Whether all members of this view are. */
    boolean confirmed;
    /** Whether the coordinator of this view was asked in the session that is open. */
    boolean asked;
    /** Whether the coordinator of this view may know of it. */
    boolean known;

    Wish(long number, Key key, long process) {
        this.number = number;
        this.key = key;
        this.process = process;
    }

    /** An answer that is due. */
    static final class Request {
        final long ticket;
        final long deadline;
        private boolean answered;

        Request(long ticket, long deadline) {
            this.ticket = ticket;
            this.deadline = deadline;
        }

        void answer(Names.Effects effects, Answer answer) {
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
