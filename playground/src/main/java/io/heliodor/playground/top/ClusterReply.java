package io.heliodor.playground.top;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The replies of a dashboard's socket to one round of calls, with the fields that a terminal shows.
 *
 * @param overview the nodes
 * @param topics the largest topics
 * @param handlers the handlers that were called in the last seconds
 */
record ClusterReply(Overview overview, Topics topics, Handlers handlers) {
    record None() {}

    record Search(String text) {}

    record Overview(String node, int members, List<NodeState> nodes) {}

    record NodeState(String name, String state, Optional<Report> report) {}

    record Report(
            long atMillis, Numbers numbers, List<Count> closed, List<Count> refused, Optional<ClusterView> cluster) {}

    record Numbers(
            long connections,
            long channels,
            long topics,
            long framesIn,
            long framesOut,
            long bytesIn,
            long bytesOut,
            long mailboxMessages,
            long pausedConnections,
            long outboxBytes,
            long laneBytes,
            long memoryUsed) {}

    record Count(String name, long count) {}

    record ClusterView(String coordinator, List<String> voters, List<String> notVoting) {}

    record Topics(List<TopicRow> topics) {}

    record TopicRow(String topic, long members, boolean part, List<Count> nodes) {}

    record Handlers(List<HandlerRow> handlers) {}

    /** The buckets count calls by the number of bits of their time in microseconds. */
    record HandlerRow(String channel, String kind, String name, double perSecond, List<Long> buckets) {
        String title() {
            return channel + " " + kind + (name.equals(kind) ? "" : " " + name);
        }

        long calls() {
            return buckets.stream().mapToLong(each -> each).sum();
        }
    }

    /** The reports by the names of their nodes. */
    Map<String, Report> reports() {
        return overview.nodes().stream()
                .filter(each -> each.report().isPresent())
                .collect(Collectors.toMap(NodeState::name, each -> each.report().orElseThrow(), (first, _) -> first));
    }
}
