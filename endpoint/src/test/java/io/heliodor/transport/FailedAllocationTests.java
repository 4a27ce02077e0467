package io.heliodor.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.RawClient;
import io.heliodor.endpoint.TestCertificate;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.limit.Limits;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.session.Hub;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.transport.frame.FrameLayout;
import io.heliodor.transport.handshake.Mount;
import io.heliodor.transport.handshake.Origins;
import io.heliodor.transport.http.Readiness;
import io.heliodor.transport.http.ServedHosts;
import io.heliodor.transport.http.TrustedProxies;
import io.heliodor.transport.io.DirectMemory;
import io.heliodor.transport.io.IoBackend;
import io.heliodor.transport.longpoll.PollLimits;
import io.heliodor.transport.tls.PemFiles;
import io.heliodor.transport.tls.ServerTls;
import io.heliodor.transport.tls.TlsLibrary;
import io.heliodor.wire.PayloadCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A scripted run of a server over real sockets, in which each allocation of direct memory fails once, one after the other.
 * The client that misses a message is closed, all others go on, and nothing is left of any.
 */
class FailedAllocationTests {
    private static final Duration DEADLINE = Duration.ofSeconds(20);
    private static final Event<Said> SAY = Event.of("say", Said.class);
    private static final Event<Raw> FROM = Event.of("from", Raw.class);
    private static final Call<Raw, Empty, Reason> SEND = Call.of("send", Raw.class, Empty.class);
    private static final Event<Raw> ECHO = Event.of("echo", Raw.class);
    private static final String LARGE = "x".repeat(20_000);

    /** The maximum number of allocations of one method that fail. */
    private static final int MAX_NUMBER = 8;

    record Said(int n) {}

    @TempDir
    Path folder;

    private final FailingAllocator allocator = new FailingAllocator();
    private final PubSub pubsub = PubSub.local();
    private final Presence<Said> presence = Presence.over(pubsub, Said.class);
    private final Hub hub = new Hub(pubsub, PayloadCodec.strict(), Limits.openInternet(), System::nanoTime);
    private Server server;
    private boolean encrypted;

    static Stream<IoBackend> transports() {
        boolean all = !"best".equals(System.getProperty("heliodor.transports"));
        return Stream.of(IoBackend.values()).filter(io -> all || io == IoBackend.best());
    }

    static Stream<Arguments> encryptedTransports() {
        return transports().flatMap(io -> Stream.of(TlsLibrary.values()).map(library -> Arguments.of(io, library)));
    }

    private void start(IoBackend io, Optional<TlsLibrary> tls) {
        encrypted = tls.isPresent();
        Channel.Builder<Object, Empty> room = Channel.join(join -> Join.ok(Empty.EMPTY))
                .on(ECHO, (payload, in) -> in.push(ECHO, payload))
                .answer(SEND, (payload, in) -> {
                    in.broadcastFrom(FROM, payload);
                    return Reply.ok();
                });
        UserSocket<Object> socket = UserSocket.open()
                .channel(
                        "room:*",
                        room.onJoined(in -> presence.track(in, "someone", new Said(1)))
                                .build())
                .channel(
                        "kept:*",
                        room.history(History.of(100, Duration.ofMinutes(1), SAY))
                                .build())
                .build();
        try {
            io.check();
        } catch (UnsupportedOperationException e) {
            throw Assumptions.<RuntimeException>abort(e.getMessage());
        }
        server = Server.start(new Settings(
                "127.0.0.1",
                0,
                io,
                1,
                new DirectMemory(allocator, DirectMemory.max() / 2),
                hub,
                List.of(Mount.of("/socket", socket)),
                List.of(),
                List.of(),
                ServedHosts.all(),
                Origins.of(List.of()),
                true,
                PollLimits.defaults().inactive(Duration.ofMillis(100)),
                Map.of(),
                new Readiness(Map.of()),
                TrustedProxies.of(List.of()),
                false,
                Optional.empty(),
                ServedHosts.all(),
                tls.map(this::served),
                StopTimeouts.defaults()));
    }

    private ServerTls served(TlsLibrary library) {
        try {
            TestCertificate.FIRST.write(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ServerTls(
                PemFiles.read(folder.resolve("chain.pem"), folder.resolve("key.pem"), Duration.ofDays(1), library),
                false);
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
        hub.close();
        pubsub.close();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void eachAllocationOfAScriptFailsOnce(IoBackend io) {
        start(io, Optional.empty());
        Map<String, Integer> all = new TreeMap<>();
        run("nothing fails", allocation -> false);
        allocator.allocations().forEach((method, number) -> all.merge(method, number, Math::max));
        Set<String> failed = new HashSet<>();
        all.forEach((method, count) -> {
            for (int i = 1; i <= Math.min(count, MAX_NUMBER); i++) {
                var one = new FailingAllocator.Allocation(method, i);
                if (run(one.toString(), one::equals)) {
                    failed.add(method);
                }
            }
        });
        assertThat(failed).as("methods whose allocations have failed").isEqualTo(all.keySet());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void allocationsFailByChance(IoBackend io) {
        start(io, Optional.empty());
        runSeeds();
    }

    @ParameterizedTest
    @MethodSource("encryptedTransports")
    void allocationsOfEncryptedConnectionsFailByChance(IoBackend io, TlsLibrary library) {
        start(io, Optional.of(library));
        runSeeds();
    }

    private void runSeeds() {
        LongStream.rangeClosed(1, Long.getLong("heliodor.allocation.seeds", 20)).forEach(seed -> {
            Random random = new Random(seed);
            run("seed " + seed, allocation -> random.nextInt(20) == 0);
        });
    }

    private RawClient connect() {
        return encrypted
                ? RawClient.connectTls(server.port(), 0, TestCertificate.trusting(TestCertificate.FIRST))
                : RawClient.connect(server.port(), 0);
    }

    /** Runs the script. Returns whether an allocation has failed. */
    private boolean run(String name, Predicate<FailingAllocator.Allocation> fails) {
        try {
            allocator.begin(fails);
            Script script = new Script();
            script.live();
            boolean failed = allocator.end();
            script.end(failed);
            nothingIsLeft();
            return failed;
        } catch (Throwable e) {
            throw new AssertionError(name, e);
        }
    }

    private void nothingIsLeft() {
        Awaitility.await().atMost(DEADLINE).pollInterval(Duration.ofMillis(2)).untilAsserted(() -> {
            assertThat(hub.counters().get(Counter.CONNECTIONS))
                    .as("connections")
                    .isZero();
            assertThat(hub.counters().get(Counter.CHANNELS)).as("channels").isZero();
            assertThat(server.addresses()).as("addresses").isZero();
            assertThat(presence.count("room:1")).as("presences").isZero();
            assertThat(allocator.pinnedDirectMemory()).as("bytes of buffers").isZero();
        });
    }

    /** A connection may end at a failed allocation, but no client times out on one that stays open. */
    private static void endedNotByTime(Throwable e) {
        if (e.getCause() instanceof SocketTimeoutException) {
            throw new IllegalStateException("A client timed out on an open connection.", e);
        }
    }

    private void say(String topic, int number) {
        hub.channels().broadcast(topic, SAY, new Said(number));
    }

    /** A client that records its messages until its connection ends. */
    private final class Person {
        final List<String> got = new ArrayList<>();
        final boolean compresses;
        RawClient client;
        boolean open;
        int code;

        Person(boolean compresses) {
            this.compresses = compresses;
        }

        void connects() {
            tries(() -> {
                client = FailedAllocationTests.this.connect();
                if (compresses) {
                    client.upgradeCompressed();
                } else {
                    client.upgrade("");
                }
                open = true;
            });
        }

        void joins(String topic, String payload) {
            sends("[\"1\",\"1\",\"" + topic + "\",\"phx_join\"," + payload + "]");
            awaits("[\"1\",\"1\",\"" + topic + "\",\"phx_reply\"");
        }

        void sends(String frame) {
            tries(() -> client.sends(frame));
        }

        void awaits(String beginning) {
            tries(() -> {
                while (open) {
                    RawClient.Frame frame = client.next();
                    if (frame.opcode() == FrameLayout.CLOSE) {
                        code = frame.payload().charAt(0) << 8 | frame.payload().charAt(1);
                        open = false;
                    } else {
                        got.add(frame.toString());
                        if (frame.toString().startsWith(beginning)) {
                            return;
                        }
                    }
                }
            });
        }

        private void tries(Runnable step) {
            if (client == null || open || step == null) {
                try {
                    step.run();
                } catch (RuntimeException | AssertionError e) {
                    endedNotByTime(e);
                    open = false;
                }
            }
        }

        void isWhole(String topic) {
            int before = 0;
            for (String frame : got) {
                if (frame.contains("\"" + topic + "\",\"say\"")) {
                    int number = Integer.parseInt(frame.replaceAll(".*\\{\"n\":(\\d+)}]", "$1"));
                    assertThat(before == 0 || number == before + 1)
                            .as("%d after %d in %s", number, before, got)
                            .isTrue();
                    before = number;
                }
            }
        }

        void ends() {
            if (client != null) {
                client.close();
            }
        }
    }

    private final class Script {
        final Person plain = new Person(false);
        final Person compressed = new Person(true);
        final Person sender = new Person(false);
        final List<Person> people = List.of(plain, compressed, sender);
        int number;

        void live() {
            people.forEach(Person::connects);
            people.forEach(person -> person.joins("room:1", "{}"));
            plain.sends("[\"1\",\"2\",\"room:1\",\"echo\",{\"text\":\"" + LARGE + "\"}]");
            plain.awaits("[\"1\",null,\"room:1\",\"echo\"");
            for (int i = 0; i < 3; i++) {
                say("room:1", ++number);
            }
            sender.sends("[\"1\",\"2\",\"room:1\",\"send\",{\"text\":\"" + LARGE + "\"}]");
            sender.awaits("[\"1\",\"2\",\"room:1\",\"phx_reply\"");
            if (sender.open) { // its broadcast was published before the reply
                plain.awaits("[null,null,\"room:1\",\"from\"");
                compressed.awaits("[null,null,\"room:1\",\"from\"");
            }
            plain.sends("[null,\"3\",\"phoenix\",\"heartbeat\",{}]");
            plain.awaits("[null,\"3\",\"phoenix\"");
            sender.sends("[\"1\",\"4\",\"room:1\",\"phx_leave\",{}]");
            sender.awaits("[\"1\",\"1\",\"room:1\",\"phx_close\"");
            http();
            poll();
        }

        /** Two requests in pieces, so that the second one waits for the first. */
        private void http() {
            try (RawClient client = connect()) {
                String request = RawClient.get("/health");
                client.send(request + request.substring(0, 10));
                client.response();
                client.send(request.substring(10));
                client.response();
            } catch (RuntimeException | AssertionError e) {
                endedNotByTime(e);
            }
        }

        private void poll() {
            try (RawClient client = connect()) {
                String path = "/socket/longpoll?vsn=2.0.0";
                String body = client.send(RawClient.get(path)).response().body();
                String token = body.replaceAll(".*\"token\":\"([^\"]*)\".*", "$1");
                String join = "[\"1\",\"1\",\"room:1\",\"phx_join\",{}]";
                client.send("POST " + path + "&token=" + token + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                                + join.getBytes(US_ASCII).length + "\r\n\r\n" + join)
                        .response();
                client.send(RawClient.get(path + "&token=" + token)).response();
            } catch (RuntimeException | AssertionError e) {
                endedNotByTime(e);
            }
        }

        /** Each client that is open gets the next messages, and so does a new one. */
        void end(boolean failed) {
            Person late = new Person(false);
            late.connects();
            late.joins("room:1", "{}");
            assertThat(late.open).as("a client that comes later").isTrue();
            say("room:1", ++number);
            String last = "[null,null,\"room:1\",\"say\",{\"n\":" + number + "}]";
            for (Person person : List.of(plain, compressed, late)) {
                person.awaits(last);
                assertThat(person.open || failed)
                        .as("open, or something failed")
                        .isTrue();
                assertThat(person.code).isIn(0, 1013);
                person.isWhole("room:1");
            }
            people.forEach(Person::ends);
            late.ends();
        }
    }
}
