package io.heliodor.describe;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The messages on the topics of one pattern. All lists are sorted by name.
 *
 * @param pattern a topic, or a prefix followed by {@code *}
 * @param key the name of the part for which the {@code *} stands
 * @param join its join
 * @param receives the events of clients
 * @param calls the calls of clients
 * @param sends the events of the server; those of presences are not among them
 * @param presences the presences that it sends
 * @param counts the names of the numbers of presences that it sends: the events {@code NAME_count}
 * @param history what is kept of each topic; empty if nothing is
 * @param handlesOthers whether it handles events that are not declared
 * @param pushTopics the patterns of other topics under which it sends events
 */
public record ChannelContract(
        String pattern,
        String key,
        JoinContract join,
        List<EventContract> receives,
        List<CallContract> calls,
        List<EventContract> sends,
        List<PresenceContract> presences,
        List<String> counts,
        Optional<HistoryContract> history,
        boolean handlesOthers,
        List<String> pushTopics) {
    /** Takes copies. */
    public ChannelContract {
        Objects.requireNonNull(pattern, "pattern");
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(join, "join");
        Objects.requireNonNull(receives, "receives");
        Objects.requireNonNull(calls, "calls");
        Objects.requireNonNull(sends, "sends");
        Objects.requireNonNull(presences, "presences");
        Objects.requireNonNull(counts, "counts");
        Objects.requireNonNull(history, "history");
        Objects.requireNonNull(pushTopics, "pushTopics");
        receives = List.copyOf(receives);
        calls = List.copyOf(calls);
        sends = List.copyOf(sends);
        presences = List.copyOf(presences);
        counts = List.copyOf(counts);
        pushTopics = List.copyOf(pushTopics);
    }

    /**
     * Whether the pattern matches many topics.
     *
     * @return whether it ends with {@code *}
     */
    public boolean isWildcard() {
        return pattern.endsWith("*");
    }

    /**
     * The beginning of its topics.
     *
     * @return the pattern without the {@code *}
     */
    public String prefix() {
        return isWildcard() ? pattern.substring(0, pattern.length() - 1) : pattern;
    }
}
