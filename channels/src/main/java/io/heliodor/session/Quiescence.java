package io.heliodor.session;

import io.heliodor.session.channel.WireChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** A check for tests whether the work of some sessions is done. */
public final class Quiescence {
    private Quiescence() {}

    /**
     * Whether no handler and no hook runs or is about to run, and nothing waits for the lane, at one moment. Work on threads of the
     * application is not included.
     *
     * <p>To be called on the loop of the lane, between its turns.
     *
     * @param lane the lane of the sessions
     * @param sessions all sessions that the lane ever had; leave hooks of those that have ended may still run
     * @return whether all work is done
     */
    public static boolean isReached(LaneSessions lane, Collection<? extends Session<?>> sessions) {
        List<WireChannel<?, ?>> channels = new ArrayList<>();
        for (Session<?> session : sessions) {
            if (session.identity().isRefreshing() || session.table().isRechecking()) {
                return false;
            }
            // A channel that is running and not in the table is about to end.
            if (session.table().running() != session.table().channels().size()) {
                return false;
            }
            channels.addAll(session.table().channels());
        }
        int[] runs = idleRuns(channels);
        // Twice: a channel that was idle both times, and did not run in between, was idle while the lane was checked.
        return Arrays.stream(runs).allMatch(each -> each >= 0)
                && lane.lane().isIdle()
                && Arrays.equals(runs, idleRuns(channels));
    }

    private static int[] idleRuns(List<WireChannel<?, ?>> channels) {
        return channels.stream()
                .mapToInt(channel -> channel.mailbox().idleRuns())
                .toArray();
    }
}
