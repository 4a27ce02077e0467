package io.heliodor.channel.definition;

import io.heliodor.event.Event;
import io.heliodor.type.Type;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The declarations of a channel about its messages, in addition to those by its handlers. Immutable.
 *
 * @param key the name of the part of a topic for which the wildcard stands; empty for the default
 * @param joinReply the type of the reply to an accepted join; empty if it is not declared
 * @param joinReasons the reasons of refused joins
 * @param joinError the type of the payload of a refused join; empty for a reason
 * @param sends the events that it sends, in addition to those of {@code intercept}, {@code whenSlow} and {@code history};
 *     empty if nothing is declared about them
 * @param presences the types of the metas of its presences, by the names of the presences
 * @param counts the names of the counts of presences that it sends
 */
public record Declarations(
        Optional<String> key,
        Optional<Type<?>> joinReply,
        List<String> joinReasons,
        Optional<Type<?>> joinError,
        Optional<List<Event<?>>> sends,
        Map<String, Type<?>> presences,
        Set<String> counts) {
    /** The name of the presences of a channel's own topic, whose events are {@code presence_state} and {@code presence_diff}. */
    public static final String OWN_PRESENCE = "presence";

    /** Of a channel that declares nothing. */
    public static final Declarations NONE = new Declarations(
            Optional.empty(), Optional.empty(), List.of(), Optional.empty(), Optional.empty(), Map.of(), Set.of());

    /** Takes copies, which keep the order. */
    public Declarations {
        joinReasons = List.copyOf(joinReasons);
        sends = sends.map(List::copyOf);
        presences = Collections.unmodifiableMap(new LinkedHashMap<>(presences));
        counts = Collections.unmodifiableSet(new LinkedHashSet<>(counts));
    }

    /**
     * Whether the channel sends the declared events alone.
     *
     * @return whether it declares events
     */
    public boolean areClosed() {
        return sends.isPresent();
    }
}
