package io.heliodor.session;

import io.heliodor.inspect.ConnectionState;
import io.heliodor.inspect.FrameObserver;
import io.heliodor.inspect.Inspectable;
import io.heliodor.inspect.KeptEvent;
import io.heliodor.inspect.MemoryUse;
import io.heliodor.inspect.Page;
import io.heliodor.inspect.ServedSocket;
import io.heliodor.inspect.TopicSize;
import io.heliodor.inspect.TraceTarget;
import io.heliodor.observe.HandlerObserver;
import io.heliodor.observe.Metric;
import io.heliodor.observe.Metrics;
import io.heliodor.observe.Observer;
import io.heliodor.pubsub.Subscription;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.fanout.Fastlane;
import io.heliodor.session.fanout.FastlaneTopic;
import io.heliodor.session.retention.KeptTopics;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.session.telemetry.Observers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The present state of an endpoint: its metrics, and pages of its topics and connections. Any thread but an event loop may use it. */
public final class Inspection implements Inspectable {
    /** The limit for the topics or ids that one page reads. */
    static final int MAX_READ = 100_000;

    /** A node answers another one within a second, though it waits for its event loops twice. */
    private static final Duration LOOP_TIMEOUT = Duration.ofMillis(300);

    /** The limit for the connections that one task of a lane reads: a fraction of a millisecond. */
    private static final int MAX_READ_OF_LANE = 10_000;

    private static final Comparator<Session<?>> LONGEST_OUTBOX_FIRST = Comparator.<Session<?>>comparingLong(
                    session -> session.outbox().bytes())
            .reversed();

    private static final Comparator<ConnectionState> BY_WAITING_BYTES = Comparator.comparingLong(
                    ConnectionState::waitingBytes)
            .reversed()
            .thenComparing(ConnectionState::connection);

    private static final Comparator<TopicSize> LARGEST_FIRST =
            Comparator.comparingInt(TopicSize::members).reversed().thenComparing(TopicSize::topic);

    private final KeptTopics keptTopics;
    private final Fastlane fastlane;
    private final SessionRegistry registry;
    private final FrameTraces traces;
    private final Observers observers;
    private final Metrics metrics;
    private volatile Optional<Supplier<MemoryUse>> directMemory = Optional.empty();
    private volatile List<ServedSocket> sockets = List.of();

    Inspection(
            KeptTopics keptTopics,
            SessionRegistry registry,
            FrameTraces traces,
            Observers observers,
            Counters counters,
            MemoryBudget memory) {
        this.keptTopics = keptTopics;
        this.fastlane = keptTopics.fastlane();
        this.registry = registry;
        this.traces = traces;
        this.observers = observers;
        List<Metric> all = new ArrayList<>(counters.metrics());
        all.add(gauge("topics", "", "Topics that have members, or a history that outlives them.", fastlane::topics));
        all.add(gauge("memory.used", "bytes", "Heap that clients make the endpoint hold.", memory::used));
        all.add(gauge(
                "memory.replicated",
                "bytes",
                "Part of memory.used: presences of other nodes, which this node cannot drop.",
                memory::replicated));
        all.add(gauge("memory.limit", "bytes", "Heap that clients may make the endpoint hold.", memory::limit));
        this.metrics = new Metrics(all);
    }

    private static Metric gauge(String name, String unit, String description, LongSupplier value) {
        return new Metric("heliodor." + name, Optional.empty(), Metric.Kind.GAUGE, unit, description, value);
    }

    @Override
    public Metrics metrics() {
        return metrics;
    }

    @Override
    public Optional<MemoryUse> directMemory() {
        return directMemory.map(Supplier::get);
    }

    /**
     * Sets the direct memory of the endpoint.
     *
     * @param used reads the bytes in use, on any thread
     * @param limit the limit in bytes
     */
    public void directMemory(LongSupplier used, long limit) {
        directMemory = Optional.of(() -> new MemoryUse(used.getAsLong(), limit));
    }

    @Override
    public List<ServedSocket> sockets() {
        return sockets;
    }

    /**
     * Sets the sockets that clients connect to.
     *
     * @param served the sockets with their paths
     */
    public void sockets(List<ServedSocket> served) {
        sockets = List.copyOf(served);
    }

    @Override
    public Subscription observe(HandlerObserver observer) {
        return observers.add(observer);
    }

    @Override
    public Subscription observe(Observer observer) {
        return observers.add(observer);
    }

    @Override
    public Subscription trace(TraceTarget target, FrameObserver observer) {
        return traces.begin(target, observer);
    }

    @Override
    public Page<TopicSize> topics(String part, int limit) {
        First<TopicSize> found = new First<>(LARGEST_FIRST, limit);
        int read = 0;
        for (FastlaneTopic topic : fastlane.allTopics()) {
            if (++read > MAX_READ) {
                return found.page(false);
            }
            if (topic.name().contains(part)) {
                found.add(new TopicSize(topic.name(), topic.memberCount()));
            }
        }
        return found.page(true);
    }

    @Override
    public Page<String> ids(String part, int limit) {
        First<String> found = new First<>(Comparator.<String>naturalOrder(), limit);
        int read = 0;
        for (String id : registry.idsNow()) {
            if (++read > MAX_READ) {
                return found.page(false);
            }
            if (id.contains(part)) {
                found.add(id);
            }
        }
        return found.page(true);
    }

    @Override
    public Page<ConnectionState> connections(String id, int limit, int maxTopics) {
        List<Session<?>> all = registry.find(id);
        return read(all, all.size(), limit, maxTopics);
    }

    @Override
    public Page<ConnectionState> members(String topic, int limit) {
        Optional<FastlaneTopic> found = fastlane.find(topic);
        if (found.isEmpty()) {
            return new Page<>(List.of(), 0, true);
        }
        List<Session<?>> members = new ArrayList<>();
        found.get().sockets(limit, LOOP_TIMEOUT).forEach(socket -> members.add((Session<?>) socket));
        return read(members, found.get().memberCount(), limit, 0);
    }

    @Override
    public List<ConnectionState> slowest(int limit) {
        List<CompletableFuture<List<ConnectionState>>> found =
                registry.lanes().stream().map(lane -> slowest(lane, limit)).toList();
        First<ConnectionState> all = new First<>(BY_WAITING_BYTES, limit);
        found.forEach(each -> each.join().forEach(all::add));
        return all.page(true).items();
    }

    private static CompletableFuture<List<ConnectionState>> slowest(LaneSessions lane, int limit) {
        CompletableFuture<List<ConnectionState>> found = new CompletableFuture<>();
        lane.performLater(() -> {
            First<Session<?>> slowest = new First<>(LONGEST_OUTBOX_FIRST, limit);
            lane.awake(MAX_READ_OF_LANE)
                    .filter(session -> session.outbox().bytes() > 0)
                    .forEach(slowest::add);
            found.complete(slowest.page(true).items().stream()
                    .map(session -> state(session, 0))
                    .toList());
        });
        return found.completeOnTimeout(List.of(), LOOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public List<KeptEvent> kept(String topic, int limit) {
        return keptTopics.newestNow(topic, limit).stream()
                .flatMap(kept -> kept.messages().stream())
                .map(message -> new KeptEvent(message.event(), message.age().toMillis()))
                .toList();
    }

    /** Reads connections, each in a task of its own: an event loop handles others in between. */
    private static Page<ConnectionState> read(Collection<Session<?>> sessions, int total, int limit, int maxTopics) {
        List<CompletableFuture<Optional<ConnectionState>>> states = sessions.stream()
                .limit(limit)
                .map(session -> read(session, maxTopics))
                .toList();
        return new Page<>(
                states.stream().flatMap(state -> state.join().stream()).toList(), total, true);
    }

    private static CompletableFuture<Optional<ConnectionState>> read(Session<?> session, int maxTopics) {
        CompletableFuture<Optional<ConnectionState>> state = new CompletableFuture<>();
        session.lane().performLater(() -> state.complete(Optional.of(state(session, maxTopics))));
        return state.completeOnTimeout(Optional.empty(), LOOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** On the lane's thread. */
    private static ConnectionState state(Session<?> session, int maxTopics) {
        return new ConnectionState(
                session.correlationId(),
                session.id(),
                session.remoteAddress(),
                session.transport().name().toLowerCase(Locale.ROOT),
                session.table().channels().size(),
                session.table().topics(maxTopics),
                session.outbox().bytes());
    }

    /** The first ones of an order among all that were added. */
    private static final class First<T> {
        private final Comparator<T> order;
        private final int limit;

        /** The last one at the head. */
        private final PriorityQueue<T> kept;

        private int total;

        First(Comparator<T> order, int limit) {
            this.order = order;
            this.limit = limit;
            this.kept = new PriorityQueue<>(order.reversed());
        }

        void add(T item) {
            total++;
            kept.add(item);
            if (kept.size() > limit) {
                T _ = kept.remove();
            }
        }

        Page<T> page(boolean complete) {
            return new Page<>(kept.stream().sorted(order).toList(), total, complete);
        }
    }
}
