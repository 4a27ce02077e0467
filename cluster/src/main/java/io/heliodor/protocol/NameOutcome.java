package io.heliodor.protocol;

/** The outcome of a request about a name. */
public sealed interface NameOutcome {
    /**
     * The process owns the name, and all members of the view know it.
     *
     * @param claim its claim
     */
    record Committed(Claim claim) implements NameOutcome {}

    /**
     * Another process owns the name.
     *
     * @param owner its claim
     */
    record Taken(Claim owner) implements NameOutcome {}

    /** The limit of names is reached. */
    record Full() implements NameOutcome {}

    /** The process gave up the name, and all members of the view know it. */
    record Released() implements NameOutcome {}

    /** The process neither owns the name nor has requested it. */
    record NotOwner() implements NameOutcome {}

    /**
     * The request timed out, or a release or the end of the process overtook it. It may have taken effect, or may later.
     * Repeating it is safe, and returns the state.
     */
    record Unknown() implements NameOutcome {}
}
