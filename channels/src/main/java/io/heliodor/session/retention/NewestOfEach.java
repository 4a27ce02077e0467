package io.heliodor.session.retention;

import io.heliodor.channel.FirstMessages;
import io.heliodor.history.LogEntry;
import io.heliodor.session.fanout.Broadcast;
import io.heliodor.type.Type;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.PayloadOutcome;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The newest kept message of each key. It runs user code, so without a lock. */
final class NewestOfEach {
    private NewestOfEach() {}

    /**
     * Selects messages.
     *
     * @param kept the newest first
     * @return the newest first
     */
    static <T> List<LogEntry<KeptBroadcast>> of(
            List<LogEntry<KeptBroadcast>> kept, FirstMessages.NewestOfEach<T> of, PayloadCodec codec) {
        Type<T> type = of.event().type();
        Set<Object> keys = new HashSet<>();
        List<LogEntry<KeptBroadcast>> newest = new ArrayList<>();
        for (LogEntry<KeptBroadcast> each : kept) {
            Broadcast broadcast = each.content().broadcast();
            if (broadcast.event().equals(of.event().name())
                    && broadcast.as(type, codec) instanceof PayloadOutcome.Valid<T>(var payload)
                    && keys.add(of.key().apply(payload))) {
                newest.add(each);
            }
        }
        return newest;
    }
}
