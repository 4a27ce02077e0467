package io.heliodor.session;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** Says whether all that some sessions caused has been done. For tests, which wait for it; no server asks. */
public final class Stillness {
    private Stillness() {}

    /**
     * Looks at one moment. What threads of the application's own will do is not known here.
     *
     * <p>To be called on the loop of the lane, between its turns.
     *
     * @param lane what owns the sessions
     * @param sessions all that the lane ever had, those that have ended too: their leave hooks may still run
     * @return whether no handler and no hook runs or is to run, and nothing waits for the lane
     */
    public static boolean now(Lane lane, Collection<? extends Session<?>> sessions) {
        List<ChannelProcess<?, ?>> channels = new ArrayList<>();
        for (Session<?> session : sessions) {
            // One that is in no list any more, and has not finished, is on its way out.
            if (session.unfinished() != session.channels().size()) {
                return false;
            }
            channels.addAll(session.channels());
        }
        int[] runs = idleRuns(channels);
        // Twice: a channel that was idle both times, and not run in between, was idle while the lane was looked at.
        return Arrays.stream(runs).allMatch(each -> each >= 0)
                && lane.empty()
                && Arrays.equals(runs, idleRuns(channels));
    }

    private static int[] idleRuns(List<ChannelProcess<?, ?>> channels) {
        return channels.stream().mapToInt(channel -> channel.life().idleRuns()).toArray();
    }
}
