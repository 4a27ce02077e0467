package io.heliodor.session.once;

import io.heliodor.once.CallKey;
import io.heliodor.once.KeptAnswer;
import io.heliodor.session.telemetry.Counters;

/** A call that is executed now. Any thread may use it; the first answer counts. */
public final class OnceRun {
    private final OnceCalls calls;
    private final CallKey key;
    private final long claim;
    private final Counters counters;

    OnceRun(OnceCalls calls, CallKey key, long claim, Counters counters) {
        this.calls = calls;
        this.key = key;
        this.claim = claim;
        this.counters = counters;
    }

    /**
     * Keeps the answer, and copies it. Blocks for a second at most.
     *
     * @param answer the answer
     */
    public void answered(KeptAnswer answer) {
        keep(answer);
        calls.copyAnswer(key);
    }

    /** The handler gave no answer, unless it did before. The copy is made by the next sweep: this does not block. */
    public void abandon() {
        keep(KeptAnswer.UNANSWERED);
    }

    private void keep(KeptAnswer answer) {
        calls.answered(key, claim, answer, counters);
    }
}
