package io.heliodor.testkit;

import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.UserSocket;
import io.heliodor.channel.definition.Expiry;
import io.heliodor.channel.definition.SocketDefinition;
import io.heliodor.limit.Limits;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.session.ChannelRoutes;
import io.heliodor.session.Hub;
import io.heliodor.session.LaneSessions;
import io.heliodor.session.LoadShedder;
import io.heliodor.session.Quiescence;
import io.heliodor.session.Session;
import io.heliodor.session.budget.TopicLimits;
import io.heliodor.session.eviction.Acceptance;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.Serializer;
import io.heliodor.wire.V2Serializer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The server of a {@link ChannelKit}, without a network: one hub and one lane, and the loop that owns all its sessions. Any
 * thread of a test may use it, but none that runs a handler.
 */
final class KitServer implements AutoCloseable {
    private static final long HOOK_PAUSE = 1_000_000;

    private final Serializer serializer = new V2Serializer();
    private final ClientsBySocket clients = new ClientsBySocket();
    private final RunningHandlers handlers = new RunningHandlers(clients);
    private final KitThreads threads = KitThreads.current();
    private final KitLoop loop = KitLoop.started();
    private final PubSub pubsub;
    private final boolean ownsPubSub;
    private final Hub hub;
    private final LaneSessions lane;
    private final InstantSource wallClock;
    private final PresenceSettler presences;
    private final Mount<?> mount;

    /** Only the loop uses it. */
    private final List<Session<?>> sessions = new ArrayList<>();

    private volatile boolean draining;

    /** The first message that was sent without being declared, with the stack of its sender. */
    private final AtomicReference<@Nullable Throwable> undeclared = new AtomicReference<>();

    /** The result of a request to connect. */
    sealed interface ConnectResult {
        record Open(TestClient client) implements ConnectResult {}

        record Refused(ConnectOutcome.Refused<?> outcome) implements ConnectResult {}

        record Failed(Throwable cause) implements ConnectResult {}
    }

    /** A socket's definition and its routes, which have the same type of assigns. */
    private record Mount<S>(SocketDefinition<S> socket, ChannelRoutes<S> routes) {
        static <S> Mount<S> of(UserSocket<S> socket) {
            return new Mount<>(SocketDefinition.of(socket), Hub.routes(socket));
        }
    }

    KitServer(
            UserSocket<?> socket,
            Optional<PubSub> shared,
            PayloadCodec codec,
            Limits limits,
            TopicLimits topicLimits,
            List<Presence<?>> presences,
            LongSupplier clock,
            InstantSource wallClock) {
        Hub.check(socket, codec, shared.map(PubSub::spansNodes).orElse(false));
        this.wallClock = wallClock;
        this.pubsub = shared.orElseGet(PubSub::local);
        this.ownsPubSub = shared.isEmpty();
        this.hub = new Hub(pubsub, codec.reportingTo(KitServer::unreadable), limits, topicLimits, clock, wallClock);
        this.lane = new LaneSessions(loop, hub.counters(), new LoadShedder(hub.memory(), () -> 0));
        this.presences = new PresenceSettler(pubsub, presences);
        this.mount = Mount.of(handlers.over(socket));
        hub.onJoinFailure(handlers::failed);
        hub.onUndeclared(text -> {
            // Not thrown here: the sender may be a thread of the application, which would log it at most.
            boolean _ = undeclared.compareAndSet(null, new Throwable(text));
        });
        hub.serve(mount.routes());
    }

    /** A server with a network logs this, and sends the payload. */
    private static void unreadable(String event, Class<?> type, String property) {
        throw new AssertionError("The payload of '" + event + "' has null as '" + property + "' of " + type.getName()
                + ", which would be refused if it were read. Declare '" + property
                + "' as Optional or @Nullable, or give a value.");
    }

    /** Checks that no message was sent without being declared. */
    void checkDeclared() {
        Throwable sent = undeclared.get();
        if (sent != null) {
            throw new AssertionError(sent.getMessage() + " A server logs this, and sends the message.", sent);
        }
    }

    /** Whether a channel may push under a topic that clients do not join. */
    boolean isPushTopic(String topic) {
        return mount.socket().routes().stream()
                .flatMap(route -> route.channel().pushTopics().stream())
                .anyMatch(pushed -> pushed.matches(topic));
    }

    KitThreads threads() {
        return threads;
    }

    KitLoop loop() {
        return loop;
    }

    Hub hub() {
        return hub;
    }

    PubSub pubsub() {
        return pubsub;
    }

    RunningHandlers handlers() {
        return handlers;
    }

    PresenceSettler presences() {
        return presences;
    }

    /** Whether no frame, handler or message is pending. */
    boolean isQuiescent() {
        return loop.ask(() -> loop.idle() && Quiescence.isReached(lane, sessions));
    }

    /** Calls the connect handler, for the deadline at most, and opens the session of a new client if it accepts. */
    ConnectResult connect(TestConnect request, Duration deadline, Supplier<TestClient> newClient) {
        return draining ? new ConnectResult.Refused(Connect.refuse(503)) : connect(mount, request, deadline, newClient);
    }

    private <S> ConnectResult connect(
            Mount<S> at, TestConnect request, Duration deadline, Supplier<TestClient> newClient) {
        Acceptance acceptance = hub.accept(request.address());
        AwaitedTask<ConnectOutcome<? extends S>> task = new AwaitedTask<>(
                threads, () -> acceptance.call(() -> at.socket().connect().connect(request)));
        Thread asking = Thread.ofVirtual().name("heliodor-http").start(task);
        try {
            ConnectOutcome<? extends S> outcome = task.await(deadline.toNanos());
            return switch (outcome == null ? null : Expiry.at(outcome, wallClock.instant())) {
                case ConnectOutcome.Refused<? extends S> refused -> new ConnectResult.Refused(refused);
                case ConnectOutcome.Accepted<? extends S> accepted ->
                    new ConnectResult.Open(open(at, accepted, acceptance, newClient.get()));
                case null ->
                    new ConnectResult.Failed(new NullPointerException(
                            "The connect handler returned null; return Connect.ok(assigns) or Connect.refuse()."));
            };
        } catch (ExecutionException e) {
            return new ConnectResult.Failed(Objects.requireNonNull(e.getCause()));
        } catch (TimeoutException e) {
            asking.interrupt();
            throw new AssertionError("The connect handler did not return within " + Seconds.text(deadline) + ".");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("The thread of the test was interrupted while the connect handler ran.");
        }
    }

    private <S> TestClient open(
            Mount<S> at, ConnectOutcome.Accepted<? extends S> accepted, Acceptance acceptance, TestClient client) {
        loop.perform(() -> {
            KitConnection connection = new KitConnection(
                    loop, hub, lane, at.routes(), serializer, accepted, acceptance, client.listener());
            sessions.add(connection.session());
            clients.add(connection.session(), client);
            client.open(connection);
        });
        return client;
    }

    /** Refuses further connections and joins, and closes each session when the messages that it has read are handled. */
    void drain() {
        draining = true;
        hub.drain();
        loop.perform(() -> lane.forEach(session -> session.closing().drain()));
    }

    /** Closes the sessions whose messages were not handled in the time of the drain. */
    void endDrain() {
        loop.perform(() -> lane.forEach(session -> session.closing().endDrain()));
    }

    /** Whether a session is not over, or handlers or leave hooks of closed channels still run. */
    boolean isDraining() {
        // In this order: the channels of a session end before it is over.
        return loop.ask(() ->
                        sessions.stream().anyMatch(session -> !session.closing().isOver()))
                || lane.hasEndingChannels();
    }

    /** Waits until all sessions are over, and their handlers and leave hooks have returned, for a time at most. */
    void awaitDrained(Duration timeout) {
        long end = threads.nanoTime() + timeout.toNanos();
        while (isDraining() && threads.nanoTime() - end < 0) {
            LockSupport.parkNanos(HOOK_PAUSE);
        }
    }

    /** Checks all deadlines against the clock. On the loop. */
    void sweep(long now) {
        hub.sweep(now);
        lane.sweep(now);
    }

    @Override
    public void close() {
        presences.close();
        hub.close();
        if (ownsPubSub) {
            pubsub.close();
        }
        loop.close();
    }
}
