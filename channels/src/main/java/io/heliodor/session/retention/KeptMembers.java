package io.heliodor.session.retention;

import io.heliodor.history.VersionVector;
import io.heliodor.session.fanout.Members;

/** The members of one topic that are of one kind and have the same messages of its history. The topic's lock guards their state. */
final class KeptMembers extends Members {
    /** The messages of the history that the members have and this node does not. */
    VersionVector ahead;

    /** Whether the next kept message must show that earlier ones are missing. */
    boolean gap;

    KeptMembers(Owner topic, Kind kind, VersionVector ahead) {
        super(topic, kind);
        this.ahead = ahead;
    }

    /** Whether the members get messages of their own: they have some that this node lacks, or missed the mark of a gap. */
    boolean isAhead() {
        return ahead.size() > 0 || gap;
    }
}
