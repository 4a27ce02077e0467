package io.heliodor.process;

/** A call was not answered, and its caller asked for the answer by {@link CallOutcome#orThrow()}. */
public final class CallFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient CallOutcome<?> outcome;

    CallFailed(CallOutcome<?> outcome) {
        super("The call was not answered: " + outcome);
        this.outcome = outcome;
    }

    /**
     * How the call ended.
     *
     * @return anything but {@link CallOutcome.Ok}
     */
    public CallOutcome<?> outcome() {
        return outcome;
    }
}
