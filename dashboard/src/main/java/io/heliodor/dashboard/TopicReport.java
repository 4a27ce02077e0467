package io.heliodor.dashboard;

import io.heliodor.inspect.ConnectionState;
import io.heliodor.inspect.KeptEvent;
import java.util.List;

/**
 * The answer of a node to {@link Query#TOPIC}.
 *
 * @param members connections of members
 * @param total the number of members
 * @param kept the newest messages that its history keeps
 */
record TopicReport(List<ConnectionState> members, int total, List<KeptEvent> kept) {
    TopicReport {
        members = Absent.orEmpty(members);
        kept = Absent.orEmpty(kept);
    }
}
