package io.heliodor.session.once;

import io.heliodor.once.KeptAnswer;

/** The decision about a call that is executed once. */
public sealed interface OnceOutcome {
    /**
     * The handler is to be called.
     *
     * @param run receives its answer
     */
    record Run(OnceRun run) implements OnceOutcome {}

    /** Its answer is due: {@link OnceCalls#await} waits for it. */
    record Due() implements OnceOutcome {}

    /**
     * It has its answer, or is refused.
     *
     * @param answer the answer, or the refusal
     */
    record Reply(KeptAnswer answer) implements OnceOutcome {}
}
