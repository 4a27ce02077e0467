package io.heliodor.process.engine;

import io.heliodor.codec.Codecs;
import io.heliodor.link.Link;
import io.heliodor.link.MessageRoutes;
import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** Some nodes in one JVM, with a time that tests advance. */
public final class Nodes implements AutoCloseable {
    public static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    public final ManualTime time = new ManualTime();
    public final Loopback loopback = new Loopback();
    private final List<One> all = new ArrayList<>();
    private final ProcessLimits limits;
    private long incarnations;

    public Nodes() {
        this(ProcessLimits.defaults());
    }

    public Nodes(ProcessLimits limits) {
        this.limits = limits;
    }

    /** One node. */
    public static final class One implements Link.Listener {
        public final Peer self;
        public final Processes processes;
        public final Loopback.End link;
        public final Queue<String> unrouted = new ConcurrentLinkedQueue<>();
        public final MessageRoutes routes = new MessageRoutes();

        One(Peer self, Loopback.End link, Time time, ProcessLimits limits, Codecs.Builder codecs) {
            this.self = self;
            this.link = link;
            this.processes = new Processes(self, () -> link, time, codecs, limits);
            processes.route(routes);
            link.listener(this);
        }

        @Override
        public void view(View view) {
            processes.view(view);
        }

        @Override
        public void opened(Peer peer) {
            processes.opened(peer);
        }

        @Override
        public void closed(Peer peer) {
            processes.closed(peer);
        }

        @Override
        public void suspected(Peer peer, boolean suspect) {}

        @Override
        public void received(Peer from, byte[] envelope) {
            Optional<String> problem = routes.dispatch(from, envelope);
            problem.ifPresent(unrouted::add);
        }

        public long count(NodeCounter counter) {
            return processes.counters().get(counter);
        }

        public long stat(String name) {
            return switch (name) {
                case "processes" -> processes.count();
                case "calls_waiting" -> processes.calls().waiting();
                case "calls_served" -> processes.inbound().calls();
                case "monitors" -> processes.monitors().count();
                case "monitors_served" -> processes.inbound().monitors();
                default -> count(NodeCounter.valueOf(name.toUpperCase(java.util.Locale.ROOT)));
            };
        }
    }

    /** A node that is alone. */
    public One alone(String name) {
        return alone(name, Codecs.builder());
    }

    public One alone(String name, Codecs.Builder codecs) {
        Peer self = new Peer(name + "@local", ++incarnations);
        One one = new One(self, loopback.end(self), time, limits, codecs);
        all.add(one);
        loopback.view(one.link);
        return one;
    }

    /** Joins nodes, with sessions between all. */
    public void join(One... ones) {
        loopback.join(links(ones));
    }

    /** Installs a view on these alone. */
    public void view(One... ones) {
        loopback.view(links(ones));
    }

    private static Loopback.End[] links(One... ones) {
        return java.util.stream.Stream.of(ones).map(one -> one.link).toArray(Loopback.End[]::new);
    }

    public static ConditionFactory eventually() {
        return Awaitility.await().atMost(DEADLINE).pollInterval(Duration.ofMillis(2));
    }

    /** Waits for a result that must come. */
    public static <T> T soon(CompletableFuture<T> future) {
        try {
            return future.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("The result did not come in time.", e);
        }
    }

    /** Runs work on a new virtual thread. */
    public static <T> CompletableFuture<T> go(Supplier<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                result.complete(work.get());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    @Override
    public void close() {
        CompletableFuture<Void> closed = CompletableFuture.allOf(all.stream()
                .map(one -> CompletableFuture.runAsync(one.processes::close))
                .toArray(CompletableFuture<?>[]::new));
        // Processes that a test left blocked are interrupted after the grace.
        eventually().until(() -> {
            time.advance(Duration.ofSeconds(1));
            return closed.isDone();
        });
        loopback.close();
    }
}
