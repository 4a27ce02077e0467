package io.heliodor.spring.boot;

import io.heliodor.channel.definition.SocketDefinition;
import io.heliodor.node.LinkState;
import io.heliodor.node.Node;
import io.heliodor.observe.Metric;
import io.heliodor.presence.Presence;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/**
 * The state of the endpoint and its node in numbers. All names in it are declared by the application or are those of nodes, and
 * each list has at most {@value #MAX_ENTRIES} entries: clients cannot make it longer.
 */
@Endpoint(id = "heliodor")
final class StateEndpoint {
    private static final int MAX_ENTRIES = 50;

    private final io.heliodor.endpoint.Endpoint endpoint;
    private final ServedSockets served;
    private final ObjectProvider<Node> node;
    private final ListableBeanFactory beans;

    StateEndpoint(
            io.heliodor.endpoint.Endpoint endpoint,
            ServedSockets served,
            ObjectProvider<Node> node,
            ListableBeanFactory beans) {
        this.endpoint = endpoint;
        this.served = served;
        this.node = node;
        this.beans = beans;
    }

    /**
     * The state.
     *
     * @param running whether it accepts clients
     * @param port the port that is listened on; null if none is
     * @param sockets the patterns of the channels by the paths of their sockets
     * @param connections the connections
     * @param channels the channels
     * @param topics the number of topics that have members or a history
     * @param presences the number of presences by the names of their beans
     * @param node the node of a cluster; null without one
     */
    record State(
            boolean running,
            @Nullable Integer port,
            Map<String, List<String>> sockets,
            Connections connections,
            Channels channels,
            long topics,
            Map<String, Integer> presences,
            @Nullable NodeState node) {}

    /**
     * The connections of the endpoint.
     *
     * @param open those that are open
     * @param opened those that were opened since the start
     * @param closed those that were closed since the start, by the reasons that occurred, the most frequent first
     * @param refused the requests that were refused since the start, likewise
     */
    record Connections(long open, long opened, Map<String, Long> closed, Map<String, Long> refused) {}

    /**
     * The channels of the endpoint.
     *
     * @param open those that are joined or joining
     * @param accepted the joins that were accepted since the start
     * @param refused the joins that were refused since the start
     * @param failed the channels that ended by an exception since the start
     */
    record Channels(long open, long accepted, long refused, long failed) {}

    /**
     * The node of the cluster.
     *
     * @param name its name
     * @param running whether it has not ended
     * @param members the number of members of its view, with itself
     * @param links the links to other members by their names
     */
    record NodeState(String name, boolean running, int members, Map<String, Link> links) {}

    /**
     * The link to another member.
     *
     * @param queuedBytes the bytes that wait for it or are in flight to it
     * @param roundTripMillis the round trip of the last ping; null if there is none yet
     */
    record Link(long queuedBytes, @Nullable Double roundTripMillis) {}

    /** Reads the state. It waits neither for clients nor for other nodes. */
    @ReadOperation
    State state() {
        boolean running = endpoint.isRunning();
        return new State(
                running,
                running ? endpoint.port() : null,
                sockets(),
                new Connections(
                        value("heliodor.connections"),
                        value("heliodor.connections.opened"),
                        reasons("heliodor.connections.closed"),
                        reasons("heliodor.requests.refused")),
                new Channels(
                        value("heliodor.channels"),
                        value("heliodor.joins.accepted"),
                        value("heliodor.joins.refused"),
                        value("heliodor.channels.failed")),
                value("heliodor.topics"),
                presences(),
                Optional.ofNullable(node.getIfAvailable())
                        .map(StateEndpoint::of)
                        .orElse(null));
    }

    private long value(String metric) {
        return endpoint.metrics().value(metric);
    }

    private Map<String, Long> reasons(String metric) {
        Map<String, Long> reasons = new LinkedHashMap<>();
        endpoint.metrics().all().stream()
                .filter(each -> each.name().equals(metric) && each.value() > 0)
                .sorted(Comparator.comparingLong(Metric::value).reversed())
                .limit(MAX_ENTRIES)
                .forEach(each -> reasons.put(each.reason().orElse(""), each.value()));
        return reasons;
    }

    private Map<String, List<String>> sockets() {
        Map<String, List<String>> patterns = new LinkedHashMap<>();
        served.sockets().stream()
                .limit(MAX_ENTRIES)
                .forEach(each -> patterns.put(
                        each.path(),
                        SocketDefinition.of(each.socket()).routes().stream()
                                .limit(MAX_ENTRIES)
                                .map(route -> route.pattern().toString())
                                .toList()));
        return patterns;
    }

    private Map<String, Integer> presences() {
        Map<String, Integer> sizes = new LinkedHashMap<>();
        Stream.of(beans.getBeanNamesForType(Presence.class)).limit(MAX_ENTRIES).forEach(bean -> {
            Presence<?> presence = beans.getBean(bean, Presence.class);
            sizes.put(bean, presence.size());
        });
        return sizes;
    }

    private static NodeState of(Node node) {
        boolean running = !node.ended().isDone();
        Collection<LinkState> links = running ? node.links() : List.of();
        Map<String, Link> byName = new LinkedHashMap<>();
        links.stream()
                .sorted(Comparator.comparingLong(LinkState::queuedBytes).reversed())
                .limit(MAX_ENTRIES)
                .forEach(link -> byName.put(
                        link.node(),
                        new Link(
                                link.queuedBytes(),
                                link.roundTrip()
                                        .map(trip -> trip.toNanos() / 1_000_000.0)
                                        .orElse(null))));
        return new NodeState(
                node.name(), running, running ? node.membership().peers().size() + 1 : 0, byName);
    }
}
