package io.heliodor.history;

/**
 * The messages that a log has missed since the last kept one that it delivered.
 *
 * @param skipped the counters up to which streams were skipped, because no log in reach keeps these messages
 * @param dropped whether a message was dropped that waited for its predecessors
 */
public record Gap(VersionVector skipped, boolean dropped) {
    /** Nothing was missed. */
    static final Gap NONE = new Gap(VersionVector.NONE, false);

    Gap skip(Dot last) {
        return new Gap(skipped.with(last.stream(), last.counter()), dropped);
    }

    Gap drop() {
        return new Gap(skipped, true);
    }

    /**
     * Whether a member has missed messages, too. It is so after a drop: no floor shows its member what it lacks.
     *
     * @param has the counters up to which it needs no messages of streams, beyond those that the log has delivered
     * @return false if the member has all of them
     */
    public boolean isFor(VersionVector has) {
        return dropped || !has.covers(skipped);
    }

    /**
     * The rest of what a member has, after this gap was reported.
     *
     * @param has the counters up to which it needed no messages of streams
     * @return those beyond the skipped messages
     */
    public VersionVector rest(VersionVector has) {
        return has.where((id, counter) -> counter > skipped.get(id));
    }

    boolean isEmpty() {
        return !dropped && skipped.size() == 0;
    }
}
