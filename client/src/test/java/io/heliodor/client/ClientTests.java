package io.heliodor.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.heliodor.client.Desk.Add;
import io.heliodor.client.Desk.Enter;
import io.heliodor.client.Desk.Note;
import io.heliodor.client.Desk.Online;
import io.heliodor.client.Desk.Pay;
import io.heliodor.client.Desk.Square;
import io.heliodor.client.Desk.State;
import io.heliodor.client.Desk.Sum;
import io.heliodor.client.Desk.TooLarge;
import io.heliodor.client.Desk.Wrapped;
import io.heliodor.client.socket.ClientSocket;
import io.heliodor.client.status.ChannelStatus;
import io.heliodor.client.status.ConnectionStatus;
import io.heliodor.client.status.Recovery;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client and a real server, over a socket. */
class ClientTests {
    private static final String TOPIC = "ticket:42";

    private final Desk desk = new Desk();
    private Client client = desk.client().build();

    @AfterEach
    void close() {
        client.close();
        desk.close();
    }

    private static ConditionFactory eventually() {
        return await().atMost(30, SECONDS);
    }

    private void rebuild(Client.Builder builder) {
        client.close();
        client = builder.build();
    }

    private ClientChannel joined(String name) {
        ClientChannel channel = client.channel(TOPIC, new Enter(name)).join();
        awaitJoined(channel);
        return channel;
    }

    private static void awaitJoined(ClientChannel channel) {
        eventually().until(channel::status, new ChannelStatus.Joined()::equals);
    }

    @Test
    void aJoinGivesTheState() {
        List<State> states = new CopyOnWriteArrayList<>();
        ClientChannel channel = client.channel(TOPIC, new Enter("ann"));
        channel.onState(State.class, states::add);
        assertThat(channel.status()).isEqualTo(new ChannelStatus.Idle());
        assertThat(client.status()).isEqualTo(new ConnectionStatus.Idle());
        channel.join();

        eventually().untilAsserted(() -> assertThat(states).containsExactly(new State(0, "ann")));
        assertThat(client.status()).isEqualTo(new ConnectionStatus.Open());
    }

    @Test
    void aRefusedJoinHasItsReason() {
        ClientChannel channel = client.channel(TOPIC, new Enter("nobody")).join();

        eventually().until(channel::status, ChannelStatus::isOver);
        assertThat(channel.status())
                .isInstanceOfSatisfying(
                        ChannelStatus.Refused.class,
                        refused -> assertThat(refused.refusal().reason()).isEqualTo("stranger"));
        assertThat(channel.push(Desk.NOTE, new Note(1))).isFalse();
        assertThat(channel.call(Desk.ADD, new Add(1, 2))).isEqualTo(new CallResult.NotSent<>());
    }

    @Test
    void anEventIsPushedAndBroadcast() {
        List<Note> notes = new CopyOnWriteArrayList<>();
        ClientChannel channel = client.channel(TOPIC, new Enter("ann"));
        channel.on(Desk.PLAIN, notes::add);
        channel.join();
        assertThat(channel.push(Desk.PLAIN, new Note(1))).isTrue();
        assertThat(channel.push(Desk.PLAIN, new Note(2))).isTrue();

        eventually().untilAsserted(() -> assertThat(notes).containsExactly(new Note(1), new Note(2)));
        eventually().until(() -> client.counters().waitingMessages() == 0);
    }

    @Test
    void bytesAreABinaryMessage() {
        List<String> uploads = new CopyOnWriteArrayList<>();
        ClientChannel channel = joined("ann");
        channel.on(Desk.UPLOAD, bytes -> uploads.add(bytes.remaining() + ":" + bytes.get(0)));
        channel.push(Desk.UPLOAD, ByteBuffer.wrap(new byte[] {9, 8, 7}));
        channel.push(Desk.UPLOAD, ByteBuffer.wrap(new byte[100_000]));

        eventually().untilAsserted(() -> assertThat(uploads).containsExactly("3:9", "100000:0"));
    }

    @Test
    void sealedAndRawPayloadsAreThoseOfTheServer() {
        List<Object> received = new CopyOnWriteArrayList<>();
        ClientChannel channel = joined("ann");
        channel.on(Desk.DRAW, received::add);
        channel.on(Desk.WRAPPED, received::add);
        channel.push(Desk.DRAW, new Square(3));
        channel.push(Desk.WRAPPED, new Wrapped(Raw.of("{\"a\":[1.50,\"é\"]}")));

        eventually()
                .untilAsserted(() -> assertThat(received)
                        .containsExactly(new Square(3), new Wrapped(Raw.of("{\"a\":[1.50,\"é\"]}"))));
    }

    @Test
    void aCallHasEachKindOfResult() {
        ClientChannel channel = joined("ann");

        assertThat(channel.call(Desk.ADD, new Add(1, 2))).isEqualTo(new CallResult.Ok<>(new Sum(3)));
        assertThat(channel.call(Desk.ADD, new Add(1001, 2))).isEqualTo(new CallResult.Failed<>(new TooLarge(1000)));
        assertThat(channel.call(Desk.UNHANDLED, new Add(1, 2)))
                .isInstanceOfSatisfying(
                        CallResult.Refused.class,
                        refused -> assertThat(refused.refusal().reason()).isEqualTo("unhandled_event"));
        assertThat(channel.callAsync(Desk.ADD, new Add(1, 2)).join()).isEqualTo(new CallResult.Ok<>(new Sum(3)));
        assertThat(channel.call(Desk.HANG, new Add(1, 2), Duration.ofMillis(50)))
                .isEqualTo(new CallResult.TimedOut<>());
        CompletableFuture<?> hanging = channel.callAsync(Desk.HANG, new Add(1, 2));
        channel.leave();
        assertThat(hanging.join()).isIn(new CallResult.Closed<>(), new CallResult.NotSent<>());
        assertThat(client.counters().pendingCalls()).isZero();
    }

    @Test
    void aCallThatBlocksWithinACallbackGetsItsReply() {
        List<Object> results = new CopyOnWriteArrayList<>();
        ClientChannel channel = client.channel(TOPIC, new Enter("ann"));
        channel.on(Desk.PLAIN, note -> {
            results.add(channel.call(Desk.ADD, new Add(note.number(), 1)));
            results.add(channel.callAsync(Desk.ADD, new Add(note.number(), 2)).join());
        });
        channel.join();
        channel.push(Desk.PLAIN, new Note(5));

        eventually()
                .untilAsserted(() -> assertThat(results)
                        .containsExactly(new CallResult.Ok<>(new Sum(6)), new CallResult.Ok<>(new Sum(7))));
    }

    @Test
    void aCallWithinACallbackIsAnsweredThoughNoOtherCallbackHasRoom() {
        rebuild(desk.client().maxWaitingCallbacks(1));
        List<Object> results = new CopyOnWriteArrayList<>();
        ClientChannel channel = client.channel(TOPIC, new Enter("ann"));
        channel.on(Desk.PLAIN, note -> results.add(channel.call(Desk.ADD, new Add(note.number(), 1))));
        channel.join();
        for (int number = 0; number < 20; number++) {
            channel.push(Desk.PLAIN, new Note(number));
        }

        eventually()
                .untilAsserted(() -> assertThat(results)
                        .containsExactlyElementsOf(IntStream.rangeClosed(1, 20)
                                .mapToObj(sum -> new CallResult.Ok<>(new Sum(sum)))
                                .toList()));
    }

    @Test
    void aTopicIsLeftAndJoinedByTwoThreads() throws Exception {
        for (int round = 0; round < 200; round++) {
            ClientChannel first = client.channel(TOPIC, new Enter("ann")).join();
            CompletableFuture<Void> leaving = CompletableFuture.runAsync(first::leave);
            ClientChannel second = null;
            while (second == null) {
                try {
                    second = client.channel(TOPIC, new Enter("ann"));
                } catch (IllegalStateException e) {
                    Thread.onSpinWait(); // not left yet
                }
            }
            second.join();
            leaving.get();
            assertThat(second.call(Desk.ADD, new Add(1, round))).isEqualTo(new CallResult.Ok<>(new Sum(1 + round)));
            second.leave();
        }
    }

    @Test
    void aJoinAndALeaveOfTwoThreadsEndAsLeft() throws Exception {
        for (int round = 0; round < 200; round++) {
            ClientChannel channel = client.channel("ticket:two-" + round, new Enter("ann"));
            CompletableFuture<Void> joining = CompletableFuture.runAsync(() -> {
                try {
                    channel.join();
                } catch (IllegalStateException e) {
                    assertThat(e).hasMessageContaining("after leave()");
                }
            });
            channel.leave();
            joining.get();
        }
        // A connection has at most 100 channels, and the server may still be ending those of the rounds.
        eventually()
                .untilAsserted(() -> assertThat(IntStream.range(0, 200)
                                .filter(round -> desk.endpoint.channels().memberCount("ticket:two-" + round) > 0))
                        .as("topics with members")
                        .isEmpty());
        ClientChannel last = joined("ann");
        assertThat(last.call(Desk.ADD, new Add(1, 2))).isEqualTo(new CallResult.Ok<>(new Sum(3)));
        eventually().until(() -> desk.endpoint.channels().memberCount(TOPIC) == 1);
    }

    @Test
    void aChannelThatTheApplicationLocksIsJoined() {
        ClientChannel channel = client.channel(TOPIC, new Enter("ann"));
        synchronized (channel) {
            channel.join();
            assertThat(channel.call(Desk.ADD, new Add(1, 2))).isEqualTo(new CallResult.Ok<>(new Sum(3)));
        }
    }

    @Test
    void aCallbackThatAnotherOneRemovesIsNotCalled() {
        List<String> called = new CopyOnWriteArrayList<>();
        AtomicReference<Registration> second = new AtomicReference<>();
        ClientChannel channel = client.channel(TOPIC, new Enter("ann"));
        channel.on(Desk.PLAIN, note -> {
            called.add("first " + note.number());
            second.get().remove();
            if (note.number() == 2) {
                channel.leave();
            }
        });
        second.set(channel.on(Desk.PLAIN, note -> called.add("second")));
        channel.on(Desk.PLAIN, note -> called.add("third " + note.number()));
        channel.join();
        channel.push(Desk.PLAIN, new Note(1));
        channel.push(Desk.PLAIN, new Note(2));

        eventually().untilAsserted(() -> assertThat(called).endsWith("first 2"));
        client.close();
        assertThat(called).containsExactly("first 1", "third 1", "first 2");
    }

    @Test
    void aFaultOfTheClientEndsItsCallsAndIsItsStatus() {
        AtomicBoolean isBroken = new AtomicBoolean();
        rebuild(desk.client().nanos(() -> {
            if (isBroken.get()) {
                throw new IllegalStateException("of a test");
            }
            return System.nanoTime();
        }));
        List<ConnectionStatus> statuses = new CopyOnWriteArrayList<>();
        client.onStatus(statuses::add);
        ClientChannel channel = joined("ann");
        List<ChannelStatus> ends = new CopyOnWriteArrayList<>();
        channel.onStatus(ends::add);
        CompletableFuture<?> hanging = channel.callAsync(Desk.HANG, new Add(1, 2));
        isBroken.set(true);
        channel.push(Desk.PLAIN, new Note(1));

        assertThat(hanging.join()).isEqualTo(new CallResult.Closed<>());
        eventually().untilAsserted(() -> assertThat(ends).containsExactly(new ChannelStatus.Left()));
        eventually()
                .untilAsserted(() -> assertThat(statuses)
                        .endsWith(new ConnectionStatus.Closed("java.lang.IllegalStateException: of a test")));
        assertThat(channel.call(Desk.ADD, new Add(1, 2))).isEqualTo(new CallResult.NotSent<>());
    }

    @Test
    void anInterruptedCallReturnsAtOnce() throws Exception {
        ClientChannel channel = joined("ann");
        AtomicReference<Object> result = new AtomicReference<>();
        Thread waiting = new Thread(() -> {
            CallResult<Note, Reason> given = channel.call(Desk.HANG, new Add(1, 2), Duration.ofHours(1));
            result.set(Thread.currentThread().isInterrupted() + " " + given);
        });
        waiting.start();
        eventually().until(() -> client.counters().pendingCalls() == 1);
        waiting.interrupt();
        waiting.join();
        assertThat(result.get()).isEqualTo("true TimedOut[]");
    }

    @Test
    void aSupplierThatHangsIsCalledOnceAtATime() {
        AtomicLong nanos = new AtomicLong();
        CountDownLatch hung = new CountDownLatch(2);
        AtomicInteger interrupted = new AtomicInteger();
        rebuild(Client.to(desk.uri()).nanos(nanos::get).token(() -> {
            hung.countDown();
            try {
                desk.release.await();
            } catch (InterruptedException e) {
                interrupted.incrementAndGet();
            }
            return "good";
        }));
        client.connect();
        eventually().until(() -> hung.getCount() == 1);
        // Each input lets the loop see the time: the attempt is overdue, and the next one finds the supplier running.
        eventually().until(() -> {
            nanos.addAndGet(SECONDS.toNanos(31));
            client.connect();
            return interrupted.get() == 1;
        });
    }

    @Test
    void missedMessagesFollowAReconnect() {
        List<Integer> notes = new CopyOnWriteArrayList<>();
        List<Boolean> recoveries = new CopyOnWriteArrayList<>();
        List<State> states = new CopyOnWriteArrayList<>();
        ClientChannel channel = client.channel(TOPIC, new Enter("ann"));
        channel.on(Desk.NOTE, note -> notes.add(note.number()));
        channel.onRecovered(recovery -> recoveries.add(recovery.isRecovered()));
        channel.onState(State.class, states::add);
        channel.join();
        awaitJoined(channel);
        for (int number = 1; number <= 500; number++) {
            desk.note(TOPIC, number);
            if (number % 100 == 0) {
                desk.disconnect();
            }
        }

        eventually().until(() -> notes.contains(500));
        assertThat(notes)
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 500).boxed().toList());
        assertThat(states).hasSize(1);
        assertThat(recoveries).first().isEqualTo(false);
        eventually()
                .untilAsserted(() -> assertThat(client.counters().connections()).isGreaterThan(1));
    }

    @Test
    void aCallWithAKeyIsExecutedOnceOverAReconnect() {
        ClientChannel channel = joined("ann");
        CompletableFuture<?> result = channel.callAsync(Desk.PAY, new Pay("key-1", 500));
        long connections = client.counters().connections();
        eventually().until(() -> client.counters().framesSent() >= 2);
        desk.disconnect();
        eventually().until(() -> client.counters().connections() > connections);
        desk.release.countDown();

        eventually().until(result::isDone);
        assertThat(result.join()).isEqualTo(new CallResult.Ok<>(new Sum(500)));
        assertThat(desk.payments).containsEntry("key-1", 1);
        assertThat(client.counters().repeatedCalls()).isPositive();
    }

    @Test
    void presencesAreAMapThatIsReplaced() {
        ClientChannel channel = client.channel(TOPIC, new Enter("ann"));
        Presences<Online> presences = channel.presences(Online.class);
        channel.join();
        eventually().untilAsserted(() -> assertThat(presences.current()).containsOnlyKeys("ann"));
        assertThat(presences.current().get("ann")).containsExactly(new Online("test"));

        try (Client other = desk.client().build()) {
            other.channel(TOPIC, new Enter("bo")).join();
            eventually().untilAsserted(() -> assertThat(presences.current()).containsOnlyKeys("ann", "bo"));
        }
        eventually().untilAsserted(() -> assertThat(presences.current()).containsOnlyKeys("ann"));
    }

    @Test
    void aLateCallbackGetsTheStateAndThePresences() {
        ClientChannel channel = joined("ann");
        List<State> states = new CopyOnWriteArrayList<>();
        Presences<Online> presences = channel.presences(Online.class);
        channel.onState(State.class, states::add);

        eventually().untilAsserted(() -> assertThat(presences.current()).containsOnlyKeys("ann"));
        eventually().untilAsserted(() -> assertThat(states).contains(new State(0, "ann")));
    }

    @Test
    void aSlowCallbackPausesReadingAndNothingIsLost() {
        rebuild(desk.client().maxWaitingCallbacks(10));
        CountDownLatch blocked = new CountDownLatch(1);
        List<Integer> notes = new CopyOnWriteArrayList<>();
        ClientChannel channel = client.channel(TOPIC, new Enter("ann"));
        channel.on(Desk.PLAIN, note -> {
            awaitQuietly(blocked);
            notes.add(note.number());
        });
        channel.join();
        awaitJoined(channel);
        for (int number = 1; number <= 2_000; number++) {
            desk.endpoint.channels().broadcast(TOPIC, Desk.PLAIN, new Note(number));
        }
        eventually().until(() -> client.counters().pauses() > 0);
        assertThat(client.counters().framesReceived()).isLessThan(100);
        blocked.countDown();

        eventually().until(() -> notes.size() >= 2_000);
        assertThat(notes)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 2_000).boxed().toList());
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anExceptionOfACallbackStopsNoOther() {
        List<Integer> notes = new CopyOnWriteArrayList<>();
        ClientChannel channel = joined("ann");
        channel.on(Desk.PLAIN, note -> {
            throw new IllegalStateException("of a test");
        });
        channel.on(Desk.PLAIN, note -> notes.add(note.number()));
        channel.push(Desk.PLAIN, new Note(1));
        channel.push(Desk.PLAIN, new Note(2));

        eventually().untilAsserted(() -> assertThat(notes).containsExactly(1, 2));
        assertThat(client.counters().failedCallbacks()).isEqualTo(2);
    }

    @Test
    void aPayloadThatDoesNotFitIsCounted() {
        record Other(List<String> number) {}
        List<Object> received = new CopyOnWriteArrayList<>();
        ClientChannel channel = joined("ann");
        channel.on(Event.of("plain", Other.class), received::add);
        channel.on(Desk.PLAIN, received::add);
        channel.push(Desk.PLAIN, new Note(1));

        eventually().untilAsserted(() -> assertThat(received).containsExactly(new Note(1)));
        assertThat(client.counters().invalidPayloads()).isEqualTo(1);
    }

    @Test
    void aRemovedCallbackIsNotCalled() {
        List<Integer> first = new CopyOnWriteArrayList<>();
        List<Integer> second = new CopyOnWriteArrayList<>();
        ClientChannel channel = joined("ann");
        Registration registration = channel.on(Desk.PLAIN, note -> first.add(note.number()));
        channel.on(Desk.PLAIN, note -> second.add(note.number()));
        registration.remove();
        channel.push(Desk.PLAIN, new Note(1));

        eventually().untilAsserted(() -> assertThat(second).containsExactly(1));
        assertThat(first).isEmpty();
    }

    @Test
    void anExpiredTokenIsReplacedOnce() {
        AtomicReference<String> next = new AtomicReference<>("bad");
        rebuild(Client.to(desk.uri()).token(() -> next.getAndSet("good")));
        joined("ann");

        assertThat(desk.tokens).containsExactly("bad", "good");
    }

    @Test
    void aTokenThatIsRefusedTwiceIsAFinalRefusal() {
        rebuild(Client.to(desk.uri()).token(() -> "bad"));
        client.connect();

        eventually().until(client::status, ConnectionStatus.Refused.class::isInstance);
        assertThat(((ConnectionStatus.Refused) client.status()).status()).isEqualTo(401);
    }

    @Test
    void aFreshTokenIsAcceptedOverTheOpenConnection() {
        joined("ann");
        assertThat(client.refresh().join()).isEqualTo(new RefreshResult.Accepted());
    }

    @Test
    void aFreshTokenThatIsRefusedChangesNothing() {
        AtomicReference<String> token = new AtomicReference<>("good");
        rebuild(Client.to(desk.uri()).token(token::get));
        joined("ann");
        token.set("bad");
        assertThat(client.refresh().join())
                .isInstanceOfSatisfying(
                        RefreshResult.Refused.class,
                        refused -> assertThat(refused.status()).isEqualTo(401));
        assertThat(client.status()).isEqualTo(new ConnectionStatus.Open());
    }

    @Test
    void anEventToTheUserNeedsNoJoin() {
        List<Note> notes = new CopyOnWriteArrayList<>();
        client.on(Desk.TO_USER, notes::add);
        client.connect();
        eventually().until(client::status, new ConnectionStatus.Open()::equals);
        desk.endpoint.channels().push("users:1", Desk.TO_USER, new Note(3));

        eventually().untilAsserted(() -> assertThat(notes).containsExactly(new Note(3)));
    }

    @Test
    void nothingIsCalledAfterLeave() {
        List<Integer> notes = new CopyOnWriteArrayList<>();
        ClientChannel channel = joined("ann");
        channel.on(Desk.PLAIN, note -> notes.add(note.number()));
        channel.leave();
        ClientChannel next = joined("bo");
        List<Integer> seen = new CopyOnWriteArrayList<>();
        next.on(Desk.PLAIN, note -> seen.add(note.number()));
        next.push(Desk.PLAIN, new Note(1));

        eventually().untilAsserted(() -> assertThat(seen).containsExactly(1));
        assertThat(notes).isEmpty();
        assertThat(channel.status()).isEqualTo(new ChannelStatus.Left());
        assertThatThrownBy(channel::join)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("leave()");
    }

    @Test
    void closeSendsWhatWaitsAndEndsEverything() {
        List<Integer> seen = new CopyOnWriteArrayList<>();
        try (Client other = desk.client().build()) {
            ClientChannel watching = other.channel(TOPIC, new Enter("bo"));
            watching.on(Desk.PLAIN, note -> seen.add(note.number()));
            watching.join();
            awaitJoined(watching);
            ClientChannel channel = joined("ann");
            for (int number = 1; number <= 100; number++) {
                channel.push(Desk.PLAIN, new Note(number));
            }
            CompletableFuture<?> hanging = channel.callAsync(Desk.HANG, new Add(1, 2));
            client.close();

            assertThat(client.status()).isEqualTo(new ConnectionStatus.Closed(""));
            assertThat(channel.status()).isEqualTo(new ChannelStatus.Left());
            assertThat(hanging.join()).isIn(new CallResult.Closed<>(), new CallResult.NotSent<>());
            assertThat(channel.push(Desk.PLAIN, new Note(1))).isFalse();
            assertThat(channel.call(Desk.ADD, new Add(1, 2))).isEqualTo(new CallResult.NotSent<>());
            assertThatThrownBy(channel::join).isInstanceOf(IllegalStateException.class);
            eventually().until(() -> seen.size() >= 100);
            assertThat(seen).hasSize(100);
            eventually().until(() -> client.counters().waitingMessages() == 0);
        }
    }

    @Test
    void closeEndsTheThreadsOfManyClients() {
        client.close();
        for (int i = 0; i < 100; i++) {
            try (Client each = desk.client().build()) {
                ClientChannel channel = each.channel(TOPIC, new Enter("ann")).join();
                assertThat(channel.call(Desk.ADD, new Add(1, 2))).isEqualTo(new CallResult.Ok<>(new Sum(3)));
            }
        }

        eventually().untilAsserted(() -> assertThat(threadsOfClients()).isEmpty());
    }

    private static List<String> threadsOfClients() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("heliodor-client") || name.startsWith("HttpClient-"))
                .toList();
    }

    @Test
    void closeEndsATokenSupplierThatHangs() {
        CountDownLatch called = new CountDownLatch(1);
        rebuild(Client.to(desk.uri()).token(() -> {
            called.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return null;
        }));
        client.connect();
        awaitQuietly(called);
        client.close();

        eventually().untilAsserted(() -> assertThat(threadsOfClients()).isEmpty());
    }

    @Test
    void eachFutureEndsThoughTheClientClosesMeanwhile() {
        for (int round = 0; round < 5; round++) {
            rebuild(desk.client());
            ClientChannel channel = joined("ann");
            AtomicBoolean isOver = new AtomicBoolean();
            List<CompletableFuture<?>> futures = new CopyOnWriteArrayList<>();
            CountDownLatch begun = new CountDownLatch(2);
            List<Thread> callers = IntStream.range(0, 2)
                    .mapToObj(caller -> Thread.ofPlatform().start(() -> {
                        while (!isOver.get()) {
                            futures.add(channel.callAsync(Desk.ADD, new Add(1, 2)));
                            futures.add(client.refresh());
                            begun.countDown();
                        }
                    }))
                    .toList();
            awaitQuietly(begun);
            client.close();
            isOver.set(true);
            for (Thread caller : callers) {
                eventually().until(() -> !caller.isAlive());
            }
            eventually().untilAsserted(() -> assertThat(futures).allMatch(CompletableFuture::isDone));
        }
    }

    @Test
    void aPushThatWaitsForItsJoinIsDroppedAndCountedAtClose() {
        rebuild(Client.to(URI.create("ws://127.0.0.1:1/socket")));
        ClientChannel channel = client.channel(TOPIC, new Enter("ann")).join();
        assertThat(channel.push(Desk.PLAIN, new Note(1))).isTrue();
        CompletableFuture<?> call = channel.callAsync(Desk.ADD, new Add(1, 2));
        client.close();

        assertThat(call.join()).isEqualTo(new CallResult.NotSent<>());
        assertThat(client.counters().droppedPushes()).isEqualTo(1);
        assertThat(client.counters().waitingMessages()).isZero();
    }

    @Test
    void theIntervalOfHeartbeatsIsASetting() {
        rebuild(desk.client().heartbeat(Duration.ofSeconds(1)));
        client.connect();
        eventually().until(client::status, new ConnectionStatus.Open()::equals);
        long before = client.counters().framesSent();
        eventually().until(() -> client.counters().framesSent() >= before + 2);
        assertThatThrownBy(() -> Client.to(desk.uri()).heartbeat(Duration.ofMillis(999)))
                .hasMessageContaining("PT0.999S");
        assertThatThrownBy(() -> Client.to(desk.uri()).heartbeat(Duration.ofSeconds(601)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** A socket whose bytes go nowhere, and a clock that the test moves. */
    @Test
    void aSocketThatSwallowsAllIsReplacedWithinTwoIntervals() {
        AtomicLong nanos = new AtomicLong(System.nanoTime());
        List<String> sockets = new CopyOnWriteArrayList<>();
        rebuild(Client.to(desk.uri())
                .sockets(() -> new SwallowingSocket(sockets))
                .heartbeat(Duration.ofSeconds(20))
                .nanos(nanos::get));
        client.connect();
        eventually().until(client::status, new ConnectionStatus.Open()::equals);
        assertThat(sockets).containsExactly("connect");

        nanos.addAndGet(SECONDS.toNanos(20));
        client.connect(); // the loop looks at the clock when it gets an input
        eventually().until(() -> client.counters().framesSent() == 1);
        nanos.addAndGet(SECONDS.toNanos(20) - 1);
        client.connect();
        assertThat(client.status()).isEqualTo(new ConnectionStatus.Open());
        nanos.addAndGet(1);
        client.connect();
        eventually().until(() -> client.counters().silentConnections() == 1);
        eventually().untilAsserted(() -> assertThat(sockets).startsWith("connect", "close", "connect"));
    }

    /** Its connection opens; it takes what is sent, and nothing comes. */
    private record SwallowingSocket(List<String> events) implements ClientSocket {
        @Override
        public void connect(Handshake handshake, Listener listener) {
            events.add("connect");
            listener.opened();
        }

        @Override
        public void send(boolean isBinary, ByteBuffer message) {}

        @Override
        public void request() {}

        @Override
        public void close(int code, String reason) {
            events.add("close");
        }
    }

    @Test
    void closeWithinACallbackReturns() {
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        client.onStatus(status -> {
            if (status instanceof ConnectionStatus.Open) {
                client.close();
                closed.complete(true);
            }
        });
        client.connect();

        eventually().until(closed::isDone);
    }

    @Test
    void anExecutorThatRejectsClosesTheClient() {
        rebuild(desk.client().callbacks(task -> {
            throw new RejectedExecutionException("of a test");
        }));
        client.connect();

        eventually().until(client::status, ConnectionStatus.Closed.class::isInstance);
        assertThat(((ConnectionStatus.Closed) client.status()).reason()).contains("executor");
    }

    @Test
    void aCallOnTheThreadOfTheClientIsRefused() {
        List<Throwable> thrown = new CopyOnWriteArrayList<>();
        rebuild(desk.client().callbacks(Runnable::run));
        ClientChannel channel = client.channel(TOPIC, new Enter("ann"));
        channel.onStatus(status -> {
            try {
                CallResult<Sum, TooLarge> result = channel.call(Desk.ADD, new Add(1, 2));
                thrown.add(new AssertionError(result));
            } catch (IllegalStateException e) {
                thrown.add(e);
            }
        });
        channel.join();

        eventually().untilAsserted(() -> assertThat(thrown).first().asString().contains("callbacks(executor)"));
    }

    @Test
    void beyondTheBoundsNothingIsAccepted() {
        rebuild(Client.to(desk.uri()).maxWaitingMessages(2).maxPendingCalls(1).maxTopics(1));
        ClientChannel channel = client.channel(TOPIC, new Enter("ann")).join();
        assertThat(channel.push(Desk.PLAIN, new Note(1))).isTrue();
        CompletableFuture<?> waiting = channel.callAsync(Desk.ADD, new Add(1, 2));
        assertThat(channel.push(Desk.PLAIN, new Note(1))).isFalse();
        assertThat(channel.call(Desk.ADD, new Add(1, 2))).isEqualTo(new CallResult.NotSent<>());
        assertThat(waiting).isNotDone();
        assertThat(client.counters().rejectedPushes()).isEqualTo(1);
        assertThat(client.counters().rejectedCalls()).isEqualTo(1);
        assertThat(client.counters().pendingCalls()).isEqualTo(1);
        assertThat(client.counters().waitingMessages()).isEqualTo(2);
        assertThatThrownBy(() -> client.channel("ticket:1"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("maxTopics");
    }

    @Test
    void aMessageBeyondTheLimitIsDroppedAndTheConnectionStaysOpen() {
        rebuild(desk.client().maxMessageBytes(2_000));
        ClientChannel channel = joined("ann");
        long connections = client.counters().connections();
        long gaps = client.counters().gaps();
        channel.push(Desk.UPLOAD, ByteBuffer.wrap(new byte[100_000]));

        eventually()
                .until(() -> client.counters().oversizedMessages() == 1
                        && client.counters().gaps() == gaps + 1);
        assertThat(channel.call(Desk.ADD, new Add(1, 2)).orElseThrow()).isNotNull();
        assertThat(client.counters().connections()).isEqualTo(connections);
    }

    @Test
    void misuseHasAMessageWithTheAlternative() {
        ClientChannel channel = client.channel(TOPIC, new Enter("ann"));
        assertThatThrownBy(() -> channel.push(Desk.PLAIN, new Note(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "push(\"plain\") on \"ticket:42\" before join(): call join() first, which returns at once.");
        assertThatThrownBy(() -> channel.call(Desk.ADD, new Add(1, 2))).hasMessageContaining("before join()");
        assertThatThrownBy(() -> client.channel(TOPIC)).hasMessageContaining("use that one");
        assertThatThrownBy(() -> client.channel("")).hasMessageContaining("1 to 255 bytes");
        assertThatThrownBy(() -> client.channel("a\u0000")).hasMessageContaining("control character");
        assertThatThrownBy(() -> client.channel("a\ud800")).hasMessageContaining("half of a surrogate pair");
        assertThatThrownBy(() -> client.channel("é".repeat(128))).hasMessageContaining("256 bytes");
        assertThatThrownBy(() -> client.channel("phoenix")).hasMessageContaining("of the connection itself");
        assertThatThrownBy(() -> client.channel("t", List.of(1))).hasMessageContaining("JSON object");
        assertThatThrownBy(() -> channel.call(Desk.ADD, new Add(1, 2), Duration.ZERO))
                .hasMessageContaining("between a millisecond and a day");
        assertThatThrownBy(() -> client.channel("t", (Object) null)).hasMessage("params");
        Presences<Online> presences = channel.presences(Online.class);
        assertThat(channel.presences(Online.class)).isSameAs(presences);
        assertThatThrownBy(() -> channel.presences(Note.class)).hasMessageContaining("same type");
        assertThatThrownBy(() -> Client.to(URI.create("ftp://x"))).hasMessageContaining("wss://");
        assertThatThrownBy(() -> desk.client().reconnectDelays(Duration.ZERO, Duration.ofSeconds(1)))
                .hasMessage("The first delay is PT0S; give it between a millisecond and a minute.");
        assertThatThrownBy(() -> desk.client().reconnectDelays(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .hasMessage("The last delay is PT1S; give it between PT2S, the first one, and an hour.");
        try (Client small = desk.client().maxSentMessageBytes(200).build()) {
            assertThatThrownBy(() -> small.channel(TOPIC, new Enter("x".repeat(200))))
                    .hasMessageContaining("raise maxSentMessageBytes");
        }
        assertThatThrownBy(() -> channel.join().push(Desk.UPLOAD, ByteBuffer.allocate(1 << 20)))
                .hasMessageContaining("a message to the server may have 1048576");
        assertThatThrownBy(() -> Client.to(desk.uri())
                        .refreshEvery(Duration.ofMinutes(1))
                        .build())
                .hasMessageContaining("add the supplier");
        assertThatThrownBy(() -> desk.client().maxTopics(0)).hasMessage("maxTopics is 0; give it 1 or more.");
    }

    @Test
    void aJoinReportsItsPosition() {
        List<Recovery> recoveries = new CopyOnWriteArrayList<>();
        ClientChannel channel = client.channel(TOPIC, new Enter("ann"));
        channel.onRecovered(recoveries::add);
        channel.join();

        eventually().untilAsserted(() -> assertThat(recoveries).hasSize(1));
        assertThat(recoveries.get(0).isRecovered()).isFalse();
        assertThat(recoveries.get(0).token()).isPresent();
    }
}
