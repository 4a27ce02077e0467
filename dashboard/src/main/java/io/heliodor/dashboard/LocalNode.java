package io.heliodor.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.inspect.ConnectionState;
import io.heliodor.inspect.Inspectable;
import io.heliodor.inspect.KeptEvent;
import io.heliodor.inspect.MemoryUse;
import io.heliodor.inspect.Page;
import io.heliodor.inspect.TopicSize;
import io.heliodor.observe.Metric;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.engine.ClusterPubSub;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Makes the answers of this node: those of all endpoints over the pub/sub together. Any thread but an event loop may use it. */
final class LocalNode {
    static final int MAX_TOPICS = 50;
    static final int MAX_IDS = 50;
    static final int MAX_MEMBERS = 50;
    static final int MAX_KEPT = 20;
    static final int MAX_CONNECTIONS = 20;
    static final int MAX_SLOW = 50;
    static final int MAX_TOPICS_OF_CONNECTION = 20;

    static final Comparator<TopicSize> LARGEST_FIRST =
            Comparator.comparingInt(TopicSize::members).reversed().thenComparing(TopicSize::topic);

    private static final Comparator<ConnectionState> BY_WAITING_BYTES =
            Comparator.comparingLong(ConnectionState::waitingBytes).reversed();

    private final PubSub pubsub;
    private final Supplier<Optional<ClusterView>> cluster;
    private final Presences presences;
    private final HandlerTimes handlerTimes;
    private final EventLog eventLog;
    private final Traces traces;

    LocalNode(
            PubSub pubsub,
            Supplier<Optional<ClusterView>> cluster,
            Presences presences,
            Traces traces,
            LongSupplier clock) {
        this.pubsub = pubsub;
        this.traces = traces;
        this.cluster = cluster;
        this.presences = presences;
        this.handlerTimes = new HandlerTimes(pubsub, clock);
        this.eventLog = new EventLog(pubsub, clock);
    }

    private List<Inspectable> endpoints() {
        return Inspectable.over(pubsub);
    }

    NodeReport overview() {
        List<Inspectable> endpoints = endpoints();
        return new NodeReport(
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime()),
                numbers(endpoints),
                byReason("heliodor.connections.closed"),
                byReason("heliodor.requests.refused"),
                cluster.get(),
                directMemory(endpoints),
                pubsub.spansNodes() ? Optional.of(replication(endpoints)) : Optional.empty());
    }

    /** All endpoints have one allocator, and each its limit. */
    private static Optional<MemoryUse> directMemory(List<Inspectable> endpoints) {
        return endpoints.stream()
                .flatMap(each -> each.directMemory().stream())
                .reduce((one, other) ->
                        new MemoryUse(Math.max(one.used(), other.used()), Math.min(one.limit(), other.limit())));
    }

    private Replication replication(List<Inspectable> endpoints) {
        return new Replication(
                presences.size(),
                sum(endpoints, "memory.replicated"),
                sum(endpoints, "history.missed"),
                sum(endpoints, "histories.dropped"),
                sum(endpoints, "history.copies.refused"),
                sum(endpoints, "calls.once.alone"));
    }

    /** Without the pages of dashboards: each has a connection with one channel. Their frames and bytes count. */
    private static Numbers numbers(List<Inspectable> endpoints) {
        List<Integer> viewers = endpoints.stream()
                .map(each -> each.members(PageSettings.TOPIC, 0).total())
                .toList();
        int pages = viewers.stream().mapToInt(Integer::intValue).sum();
        return new Numbers(
                Math.max(0, sum(endpoints, "connections") - pages),
                Math.max(0, sum(endpoints, "channels") - pages),
                Math.max(
                        0,
                        sum(endpoints, "topics")
                                - viewers.stream().filter(each -> each > 0).count()),
                sum(endpoints, "connections.opened"),
                sum(endpoints, "frames.in"),
                sum(endpoints, "frames.out"),
                sum(endpoints, "traffic.in"),
                sum(endpoints, "traffic.out"),
                sum(endpoints, "mailbox.messages"),
                sum(endpoints, "connections.paused"),
                endpoints.stream()
                        .mapToLong(each -> each.metrics().value("heliodor.handlers.oldest"))
                        .max()
                        .orElse(0),
                sum(endpoints, "outboxes"),
                sum(endpoints, "lanes"),
                sum(endpoints, "memory.used"),
                sum(endpoints, "memory.limit"));
    }

    private static long sum(List<Inspectable> endpoints, String metric) {
        return endpoints.stream()
                .mapToLong(each -> each.metrics().value("heliodor." + metric))
                .sum();
    }

    private List<Count> byReason(String metric) {
        Map<String, Long> counts = endpoints().stream()
                .flatMap(each -> each.metrics().all().stream())
                .filter(each -> each.name().equals(metric) && each.reason().isPresent())
                .collect(Collectors.groupingBy(
                        each -> each.reason().orElseThrow(), TreeMap::new, Collectors.summingLong(Metric::value)));
        return counts.entrySet().stream()
                .filter(each -> each.getValue() > 0)
                .map(each -> new Count(each.getKey(), each.getValue()))
                .toList();
    }

    HandlerReport handlers() {
        return handlerTimes.read();
    }

    EventReport events() {
        return new EventReport(eventLog.read());
    }

    SlowReport slow() {
        return new SlowReport(endpoints().stream()
                .flatMap(each -> each.slowest(MAX_SLOW).stream())
                .map(LocalNode::shortened)
                .sorted(BY_WAITING_BYTES)
                .limit(MAX_SLOW)
                .toList());
    }

    /** Ends what runs for readings. */
    void close() {
        handlerTimes.close();
        eventLog.close();
        traces.close();
    }

    /** Begins a trace. */
    TraceState trace(String order) {
        return new TraceState(AnswerFormat.read(TraceOrder.class, order.getBytes(UTF_8))
                .filter(each -> traces.begin(each.id(), each.target()))
                .isPresent());
    }

    /** The frames of a trace. */
    FrameReport frames(String order) {
        String self = ClusterPubSub.nodesOf(pubsub).self().name();
        return AnswerFormat.read(FrameOrder.class, order.getBytes(UTF_8))
                .map(each -> traces.read(each.id(), each.after(self), each.maxBytes()))
                .orElseGet(FrameReport::unknown);
    }

    /** Ends a trace. */
    TraceState untrace(String id) {
        traces.end(id);
        return new TraceState(false);
    }

    TopicList topics(String part) {
        List<Page<TopicSize>> pages =
                endpoints().stream().map(each -> each.topics(part, MAX_TOPICS)).toList();
        List<TopicSize> found = items(pages);
        List<TopicSize> shown = found.stream()
                .filter(each -> !each.topic().equals(PageSettings.TOPIC))
                .toList();
        return new TopicList(
                shown.stream()
                        .collect(Collectors.groupingBy(TopicSize::topic, Collectors.summingInt(TopicSize::members)))
                        .entrySet()
                        .stream()
                        .map(each -> new TopicSize(each.getKey(), each.getValue()))
                        .sorted(LARGEST_FIRST)
                        .limit(MAX_TOPICS)
                        .toList(),
                total(pages) - (found.size() - shown.size()),
                complete(pages));
    }

    TopicReport topic(String topic) {
        List<Page<ConnectionState>> pages = endpoints().stream()
                .map(each -> each.members(topic, MAX_MEMBERS))
                .toList();
        List<KeptEvent> kept = endpoints().stream()
                .map(each -> each.kept(topic, MAX_KEPT))
                .max(Comparator.comparingInt(List::size))
                .orElse(List.of());
        return new TopicReport(
                items(pages).stream()
                        .map(LocalNode::shortened)
                        .limit(MAX_MEMBERS)
                        .toList(),
                total(pages),
                kept);
    }

    IdList users(String part) {
        List<Page<String>> pages =
                endpoints().stream().map(each -> each.ids(part, MAX_IDS)).toList();
        return new IdList(
                items(pages).stream()
                        .map(ShownText::of)
                        .distinct()
                        .sorted()
                        .limit(MAX_IDS)
                        .toList(),
                total(pages),
                complete(pages));
    }

    UserReport user(String id) {
        List<Page<ConnectionState>> pages = endpoints().stream()
                .map(each -> each.connections(id, MAX_CONNECTIONS, MAX_TOPICS_OF_CONNECTION))
                .toList();
        return new UserReport(
                items(pages).stream()
                        .map(LocalNode::shortened)
                        .limit(MAX_CONNECTIONS)
                        .toList(),
                total(pages));
    }

    private static <T> List<T> items(List<Page<T>> pages) {
        return pages.stream().map(Page::items).flatMap(List::stream).toList();
    }

    private static <T> int total(List<Page<T>> pages) {
        return pages.stream().mapToInt(Page::total).sum();
    }

    private static <T> boolean complete(List<Page<T>> pages) {
        return pages.stream().allMatch(Page::complete);
    }

    /** A connection whose texts are not longer than a topic may be. */
    private static ConnectionState shortened(ConnectionState state) {
        return new ConnectionState(
                ShownText.of(state.connection()),
                state.id().map(ShownText::of),
                state.address(),
                state.transport(),
                state.channels(),
                state.topics(),
                state.waitingBytes());
    }
}
