package io.heliodor.history;

import java.util.ArrayList;
import java.util.List;

/**
 * The messages that a log has missed since the last kept one that it delivered.
 *
 * @param skipped the counters up to which streams were skipped, because no log in reach keeps these messages
 * @param retired the streams that a delivered message has retired, though this log lacked messages of them
 */
public record Gap(VersionVector skipped, List<CatchUpResponse.Retired> retired) {
    /** Nothing was missed. */
    static final Gap NONE = new Gap(VersionVector.NONE, List.of());

    /** Copies the list. */
    public Gap {
        retired = List.copyOf(retired);
    }

    Gap skip(Dot last) {
        return new Gap(skipped.with(last.stream(), last.counter()), retired);
    }

    Gap retire(Dot last, Dot by) {
        List<CatchUpResponse.Retired> all = new ArrayList<>(retired);
        all.add(new CatchUpResponse.Retired(last, by));
        return new Gap(skipped, all);
    }

    /**
     * Whether a member has missed messages, too. One that has the message which retired a stream has all of that stream.
     *
     * @param has the counters up to which it needs no messages of streams, beyond those that the log has delivered
     * @return false if the member has all of them
     */
    public boolean isFor(VersionVector has) {
        if (isEmpty()) {
            return false; // nearly always, for each kept message
        }
        return !has.covers(skipped)
                || retired.stream().anyMatch(each -> !has.covers(each.last()) && !has.covers(each.by()));
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
        return skipped.size() == 0 && retired.isEmpty();
    }
}
