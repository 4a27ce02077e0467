package io.heliodor.dashboard;

import io.heliodor.channel.definition.TopicPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The events whose payloads an application lets traces show. Not changed after the dashboard is built. */
final class ShownPayloads {
    private final List<Shown> all = new ArrayList<>();

    private record Shown(TopicPattern topics, Set<String> events) {}

    /**
     * Adds events of some topics.
     *
     * @throws IllegalArgumentException if the pattern is not one
     */
    void add(String topics, List<String> events) {
        all.add(new Shown(TopicPattern.parse(topics), Set.copyOf(events)));
    }

    boolean contains(String topic, String event) {
        return all.stream()
                .anyMatch(each -> each.events().contains(event) && each.topics().matches(topic));
    }

    ShownPayloads copy() {
        ShownPayloads copy = new ShownPayloads();
        copy.all.addAll(all);
        return copy;
    }
}
