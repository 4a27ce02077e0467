package io.heliodor.session.fanout;

import io.heliodor.channel.definition.ChannelDefinition;
import io.heliodor.channel.definition.Intercept;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import java.util.Map;

/**
 * Which broadcasts the channels of one definition intercept. Equal for all channels of one definition.
 *
 * @param byEvent the intercepts by the names of their events
 * @param ofKept whether the event of one of them is kept in the topic's history
 */
public record Intercepts(Map<String, ? extends Intercept<?, ?, ?>> byEvent, boolean ofKept) {
    /** Of a channel that intercepts nothing. */
    public static final Intercepts NONE = new Intercepts(Map.of(), false);

    public static Intercepts of(ChannelDefinition<?, ?> channel) {
        if (channel.intercepts().isEmpty()) {
            return NONE;
        }
        boolean ofKept = channel.history()
                .filter(history -> channel.intercepts().keySet().stream().anyMatch(history::keeps))
                .isPresent();
        return new Intercepts(channel.intercepts(), ofKept);
    }

    /** Whether a broadcast is intercepted. */
    public boolean of(Broadcast broadcast) {
        if (byEvent.isEmpty()) {
            return false;
        }
        Intercept<?, ?, ?> intercept = byEvent.get(broadcast.event());
        return intercept != null && intercept.event().isBinary() == broadcast.payload() instanceof Payload.Binary;
    }

    /**
     * Whether a broadcast goes through the mailbox. If some kept events are intercepted, all kept ones go this way: a client
     * that got a later offset first, and was cut off then, would never request the one in between.
     */
    boolean take(Broadcast broadcast, Ref offset) {
        return of(broadcast) || (ofKept && !offset.isNull());
    }
}
