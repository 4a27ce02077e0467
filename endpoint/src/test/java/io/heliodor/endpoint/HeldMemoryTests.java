package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.DeferredReply;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Limits;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.transport.longpoll.PollLimits;
import io.heliodor.transport.tls.TlsLibrary;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * For each kind of thing that waits for or by a client: the heap that it holds is not more than the heap that is counted. The
 * kinds are those of {@code docs/design/memory.md}.
 */
@Tag("long")
class HeldMemoryTests {
    private static final SSLContext CLIENT = TestCertificate.trusting(TestCertificate.FIRST);
    private static final String HOST = "Host: localhost\r\n";
    private static final String POLL = "/socket/longpoll?vsn=2.0.0";
    private static final Pattern TOKEN = Pattern.compile("\"token\":\"([^\"]+)\"");
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final int CLIENTS = 150;

    /** More than the buffers of two sockets. */
    private static final int LARGE = 32 << 20;

    /** The error of the measurement of the heap for each client: code that is loaded late, buffers of the pool. */
    private static final long INEXACT = 200;

    @TempDir
    static Path folder;

    private static final Map<Served, Server> SERVERS = new HashMap<>();

    /** The kind of a server: patient ones wait for clients that take nothing. */
    record Served(Optional<TlsLibrary> tls, boolean patient) {}

    private static long bytesOfASocket;
    private static ResourceLeakDetector.Level leaks;

    @BeforeAll
    static void prepare() throws IOException {
        leaks = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED); // its records are heap
        CLIENT.getClientSessionContext().setSessionCacheSize(1); // or the clients of this JVM keep their keys
        TestCertificate.FIRST.write(folder);
        Files.write(folder.resolve("large.bin"), new byte[LARGE]);
        bytesOfASocket = bytesOfASocket();
    }

    @AfterAll
    static void restore() throws IOException {
        for (Server server : SERVERS.values()) {
            server.close();
        }
        SERVERS.clear();
        ResourceLeakDetector.setLevel(leaks);
    }

    /** A kind of thing that waits. */
    @SuppressWarnings("ImmutableEnumChecker") // its functions have no state
    enum Kind {
        SILENT_CONNECTION(Waiting::nothing),
        SERVED_REQUEST((server, client, number) -> {
            client.send("GET /health HTTP/1.1\r\n" + HOST + "\r\n");
            client.readTo("}");
        }),
        SERVED_LONG_HEAD((server, client, number) -> {
            client.send("GET /health HTTP/1.1\r\n" + HOST + "x: " + "x".repeat(15_000) + "\r\n\r\n");
            client.readTo("}");
        }),
        PART_OF_A_LINE((server, client, number) ->
                client.send("GET /health HTTP/1.1\r\n" + HOST + "x: " + "x".repeat(15_000))),
        PART_OF_A_HEAD(
                (server, client, number) -> client.send("GET /health HTTP/1.1\r\n" + HOST + "a:\r\n".repeat(100))),
        CONNECT_HANDLER((server, client, number) ->
                client.send("GET " + POLL + params() + "&wait=1 HTTP/1.1\r\n" + HOST + "a:\r\n".repeat(100) + "\r\n")),
        CONNECT_HANDLER_OF_WEBSOCKET((server, client, number) -> client.send("GET /socket/websocket?vsn=2.0.0"
                + params()
                + "&wait=1 HTTP/1.1\r\n" + HOST + "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + "a:\r\n".repeat(100)
                + "\r\n")),
        WAITING_TEXT((server, client, number) -> client.send("GET /text HTTP/1.1\r\n" + HOST + lines() + "\r\n")),
        POLL_SESSION((server, client, number) -> {
            String token = server.session(client);
            assertThat(token).isNotEmpty();
        }),
        PARKED_POLL((server, client, number) -> server.park(client, server.session(client), "", "")),
        PARKED_POLL_WITH_PARAMETERS(
                (server, client, number) -> server.park(client, server.session(client), params(), "")),
        PARKED_POLL_WITH_LINES(
                (server, client, number) -> server.park(client, server.session(client), "", "a:\r\n".repeat(100))),
        PARKED_POLL_OF_A_SESSION_ELSEWHERE(
                (server, client, number) -> server.park(client, server.sessionElsewhere(), "", "")),
        PARKED_POLL_AND_MORE((server, client, number) -> {
            server.park(client, server.session(client), "", "");
            client.send("x".repeat(16_000));
        }),
        PART_OF_A_BODY((server, client, number) -> {
            String token = server.session(client);
            client.send("POST " + POLL + "&token=" + token + " HTTP/1.1\r\n" + HOST + "Content-Length: 100000\r\n\r\n"
                    + "x".repeat(50_000));
        }),
        TRAILERS_OF_CHUNKS((server, client, number) -> {
            String token = server.session(client);
            client.send("POST " + POLL + "&token=" + token + " HTTP/1.1\r\n" + HOST
                    + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + "x: " + "x".repeat(8_000) + "\r\n"
                    + "a:\r\n".repeat(2_000));
        }),
        MESSAGES_FOR_A_POLL((server, client, number) -> {
            String token = server.session(client);
            String join = "[\"1\",\"1\",\"room:lobby\",\"phx_join\",{}]";
            client.send("POST " + POLL + "&token=" + token + " HTTP/1.1\r\n" + HOST
                    + "Content-Type: application/x-ndjson\r\n" + "Content-Length: " + join.length() + "\r\n\r\n"
                    + join);
            client.readTo("}");
        }),
        WEBSOCKET((server, client, number) -> client.upgrade("/socket/websocket?vsn=2.0.0")),
        WEBSOCKET_WITH_ID((server, client, number) -> client.upgrade("/socket/websocket?vsn=2.0.0&user=" + number)),
        WEBSOCKET_WITH_ID_AND_TRACE((server, client, number) -> client.upgrade(
                "/socket/websocket?vsn=2.0.0&user=" + number,
                "traceparent: 00-%032x-00f067aa0ba902b7-01\r\n".formatted(number + 1) + "tracestate: a="
                        + "x".repeat(510) + "\r\n")),
        CHANNELS_OF_ONE_TOPIC((server, client, number) -> {
            client.upgrade("/socket/websocket?vsn=2.0.0");
            server.join(client, 50, topic -> "room:" + topic);
        }),
        CHANNELS_OF_OWN_TOPICS((server, client, number) -> {
            client.upgrade("/socket/websocket?vsn=2.0.0");
            server.join(client, 50, topic -> "room:" + number + "-" + topic);
        }),
        PRESENCES((server, client, number) -> {
            client.upgrade("/socket/websocket?vsn=2.0.0");
            server.join(client, 20, topic -> "present:" + topic);
        }),
        PRESENCES_OF_OWN_TOPICS((server, client, number) -> {
            client.upgrade("/socket/websocket?vsn=2.0.0");
            server.join(client, 20, topic -> "present:" + number + "-" + topic);
        }),
        WAITING_FRAMES((server, client, number) -> server.call(client, "wait", "1")),
        WAITING_FRAMES_WITH_LONG_REFS((server, client, number) -> server.call(client, "wait", "1".repeat(250))),
        WAITING_FRAMES_WITH_IGNORED_PARTS(
                (server, client, number) -> server.call(client, "wait", "1", ",\"" + "x".repeat(10_000) + "\"")),
        WAITING_FRAMES_WITH_SPACES((server, client, number) -> server.call(client, "wait", "1", " ".repeat(900))),
        REPLACED_JOINS((server, client, number) -> {
            server.call(client, "wait", "1");
            for (int i = 0; i < 50; i++) {
                client.frame("[\"j" + i + "\",\"j" + i + "\",\"room:0\",\"phx_join\",{\"text\":\"" + "x".repeat(10_000)
                        + "\"}]");
            }
        }),
        OBJECTS_IN_HANDLERS((server, client, number) -> server.sendObjects(client, "room:0", "draw")),
        OBJECTS_OF_DEFERRED_REPLIES((server, client, number) -> server.sendObjects(client, "room:0", "draw later")),
        OBJECTS_OF_METAS((server, client, number) -> server.sendObjects(client, "room:" + number, "present")),
        OBJECTS_OF_ASSIGNS((server, client, number) -> {
            client.upgrade("/socket/websocket?vsn=2.0.0");
            client.frame("[\"0\",\"0\",\"kept:0\",\"phx_join\"," + OBJECTS + "]");
            client.readTo("\"phx_reply\",{\"status\":\"ok\",\"response\":{}}]");
        }),
        DEFERRED_REPLIES((server, client, number) -> server.call(client, "defer", "1")),
        FILE_THAT_IS_NOT_TAKEN((server, client, number) -> {
            client.send("GET /files/large.bin HTTP/1.1\r\n" + HOST + "\r\n");
            client.readTo("\r\n\r\n");
        }),
        PART_OF_A_MESSAGE((server, client, number) -> {
            client.upgrade("/socket/websocket?vsn=2.0.0");
            client.out().write(new byte[] {0x01, (byte) 0xfe, 0x40, 0, 0, 0, 0, 0});
            client.send("x".repeat(16_384));
            client.out().write(new byte[] {0x00, (byte) 0xfe, 0x40, 0, 0, 0, 0, 0});
            client.send("x".repeat(10_000));
        });

        final Waiting waiting;

        Kind(Waiting waiting) {
            this.waiting = waiting;
        }
    }

    /** A payload of 6 KB that takes 130 KB when it is decoded. */
    private static final String OBJECTS = "{\"m\":[" + "{},".repeat(2_000) + "{}]}";

    /** A payload that is decoded. */
    record Document(List<Object> m) {}

    /** Makes a client wait. */
    interface Waiting {
        void begin(Server server, QuietClient.Streams client, int number) throws IOException;

        static void nothing(Server server, QuietClient.Streams client, int number) {}
    }

    private static String params() {
        StringBuilder params = new StringBuilder();
        for (int i = 0; i < 1_000; i++) {
            params.append('&').append(Integer.toHexString(i)).append('=');
        }
        return params.toString();
    }

    /** Short lines, nearly as many as a head may have. A map of them by names in lower case has copies of the names. */
    private static String lines() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 120; i++) {
            lines.append("X").append(Integer.toHexString(i)).append(": 1\r\n");
        }
        return lines.toString();
    }

    static Stream<Arguments> kinds() {
        // TLS adds the same to each connection, so a connection of each protocol is measured with it.
        Stream<Kind> overTls =
                Stream.of(Kind.SILENT_CONNECTION, Kind.PARKED_POLL, Kind.WEBSOCKET, Kind.WEBSOCKET_WITH_ID);
        return Stream.concat(
                Stream.of(Kind.values()).map(kind -> Arguments.of(kind, Optional.empty())),
                overTls.flatMap(kind ->
                        Stream.of(TlsLibrary.values()).map(library -> Arguments.of(kind, Optional.of(library)))));
    }

    @ParameterizedTest(name = "{0}, TLS {1}")
    @MethodSource("kinds")
    void heapHeldIsNotMoreThanHeapCounted(Kind kind, Optional<TlsLibrary> tls) throws IOException {
        boolean patient = kind == Kind.FILE_THAT_IS_NOT_TAKEN;
        Server server = SERVERS.computeIfAbsent(new Served(tls, patient), Server::new);
        server.wait(kind, 10); // loads classes, fills pools
        try {
            long counted = server.counted();
            long held = heap();
            server.wait(kind, CLIENTS);
            long heldNow;
            long countedNow;
            do {
                countedNow = server.counted();
                heldNow = heap();
            } while (countedNow != server.counted());
            long countedOfEach = (countedNow - counted) / CLIENTS;
            long heldByEach = (heldNow - held) / CLIENTS - bytesOfASocket;
            assertThat(heldByEach)
                    .as("bytes of heap held for each client, of which %s are counted", countedOfEach)
                    .isLessThanOrEqualTo(countedOfEach + INEXACT);
        } finally {
            server.disconnectAll();
        }
    }

    /** The heap that the JVM uses after collections that find nothing more. */
    static long heap() {
        RecordedLog.clear();
        long least = Long.MAX_VALUE;
        for (int unchanged = 0; unchanged < 2; ) {
            System.gc();
            // Not the present usage: threads of the server take whole blocks of the heap after the collection.
            long now = ManagementFactory.getMemoryPoolMXBeans().stream()
                    .filter(pool -> pool.getType() == MemoryType.HEAP)
                    .mapToLong(pool -> pool.getCollectionUsage().getUsed())
                    .sum();
            unchanged = now < least - 10_000 ? 0 : unchanged + 1;
            least = Math.min(least, now);
        }
        return least;
    }

    /**
     * The heap of a client's end of a connection, which this JVM holds, too. It is the median of several measurements:
     * what the test classes before this one left may be released during one of them.
     */
    private static long bytesOfASocket() throws IOException {
        long[] measured = new long[5];
        for (int i = 0; i < measured.length; i++) {
            measured[i] = bytesOfASocketOnce();
        }
        Arrays.sort(measured);
        return measured[measured.length / 2];
    }

    private static long bytesOfASocketOnce() throws IOException {
        List<QuietClient> clients = new ArrayList<>();
        try (ServerSocketChannel port = ServerSocketChannel.open()) {
            port.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1_000);
            int number = ((InetSocketAddress) port.getLocalAddress()).getPort();
            clients.add(QuietClient.open(number, Optional.empty(), client -> {}));
            long before = heap();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(QuietClient.open(number, Optional.empty(), client -> {}));
            }
            return (heap() - before) / CLIENTS;
        } finally {
            for (QuietClient client : clients) {
                client.close();
            }
        }
    }

    /** An endpoint and its quiet clients, and another endpoint over its pub/sub. */
    static final class Server implements AutoCloseable {
        private static final Call<Raw, Empty, Reason> WAIT = Call.of("wait", Raw.class, Empty.class);
        private static final Call<Raw, Empty, Reason> DEFER = Call.of("defer", Raw.class, Empty.class);
        private static final Call<Document, Empty, Reason> DRAW = Call.of("draw", Document.class, Empty.class);
        private static final Call<Document, Empty, Reason> DRAW_LATER =
                Call.of("draw later", Document.class, Empty.class);
        private static final Call<Document, Empty, Reason> PRESENT = Call.of("present", Document.class, Empty.class);
        private static final int CALLS = 50;
        private static final String PADDING = "x".repeat(90);

        private final Semaphore gate = new Semaphore(0);
        private final PubSub pubsub = PubSub.local();
        private final Presence<Empty> presence = Presence.over(pubsub, Empty.class);
        private final Presence<Document> documents = Presence.over(pubsub, Document.class);
        private final Queue<DeferredReply<Empty, Reason>> deferred = new ConcurrentLinkedQueue<>();
        private final Queue<Document> drawn = new ConcurrentLinkedQueue<>();
        private final List<QuietClient> clients = new ArrayList<>();
        private final Optional<SSLContext> tls;
        private final Endpoint endpoint;
        private final Endpoint elsewhere;
        private int numbers;

        Server(Served as) {
            tls = as.tls().map(_ -> CLIENT);
            endpoint = builder(as).build().start();
            elsewhere = builder(as).build().start();
        }

        private Endpoint.Builder builder(Served as) {
            Endpoint.Builder builder = Endpoint.builder()
                    .host("127.0.0.1")
                    .port(0)
                    .pubsub(pubsub)
                    .limits(Limits.openInternet()
                            .connections(c -> c.handshakeTimeout(LONG))
                            .sessions(s -> s.idleTimeout(LONG)
                                    .mailboxTimeout(LONG)
                                    .stallTimeout(as.patient() ? LONG : Duration.ofMillis(200))))
                    .files("/files", folder)
                    .polls(PollLimits.defaults().window(LONG).body(LONG))
                    .get("/text", request -> {
                        gate.acquire();
                        return new Text("text/plain", "");
                    })
                    .socket(
                            "/socket",
                            UserSocket.connect(this::connect)
                                    .channel(
                                            "room:*",
                                            Channel.join(join -> Join.ok(Empty.EMPTY))
                                                    .answer(WAIT, (payload, room) -> {
                                                        gate.acquire();
                                                        return Reply.ok();
                                                    })
                                                    .answerLater(DEFER, (payload, room, reply) -> deferred.add(reply))
                                                    .answer(DRAW, (document, room) -> {
                                                        gate.acquire();
                                                        drawn.add(document); // used after the wait
                                                        return Reply.ok();
                                                    })
                                                    .answerLater(DRAW_LATER, (document, room, reply) -> {
                                                        drawn.add(document);
                                                        deferred.add(reply);
                                                    })
                                                    .answer(PRESENT, (document, room) -> {
                                                        documents.track(room, "k", document);
                                                        return Reply.ok();
                                                    })
                                                    .build())
                                    .channel(
                                            "kept:*",
                                            Channel.join(Document.class, (document, join) -> Join.ok(document))
                                                    .build())
                                    .channel(
                                            "present:*",
                                            Channel.join(join -> Join.ok(Empty.EMPTY))
                                                    .onJoined(room -> presence.track(room, room.topic(), Empty.EMPTY))
                                                    .build())
                                    .build());
            as.tls()
                    .ifPresent(library -> builder.tls(Tls.files(
                            folder.resolve("chain.pem"), folder.resolve("key.pem"), Duration.ofSeconds(5), library)));
            return builder;
        }

        private ConnectOutcome<Empty> connect(Connect connect) throws InterruptedException {
            if (connect.param("wait").isPresent()) {
                gate.acquire();
            }
            return connect.param("user")
                    .map(user -> Connect.ok(Empty.EMPTY, "users:" + user))
                    .orElseGet(() -> Connect.ok(Empty.EMPTY));
        }

        long counted() {
            return Stream.of(endpoint, elsewhere)
                    .mapToLong(each -> each.metrics().value("heliodor.memory.used"))
                    .sum();
        }

        /** Opens clients, makes them wait, and waits until nothing changes any more. */
        void wait(Kind kind, int number) {
            for (int i = 0; i < number; i++) {
                int own = numbers++;
                clients.add(QuietClient.open(endpoint.port(), tls, client -> kind.waiting.begin(this, client, own)));
            }
            waitUntilUnchanged();
        }

        private void waitUntilUnchanged() {
            for (long before = -1; before != counted(); ) {
                before = counted();
                pause();
            }
        }

        /** Longer than the period of sweeps: the bytes that the last clients sent have come, and are counted. */
        private static void pause() {
            try {
                Thread.sleep(150);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Opens a session of long polling, and returns its token. */
        String session(QuietClient.Streams client) throws IOException {
            client.send("GET " + POLL + " HTTP/1.1\r\n" + HOST + "\r\n");
            Matcher token = TOKEN.matcher(client.readTo("}"));
            assertThat(token.find()).isTrue();
            return token.group(1);
        }

        /** Opens a session of long polling at the other endpoint, and returns its token. */
        String sessionElsewhere() throws IOException {
            String[] token = new String[1];
            QuietClient.open(elsewhere.port(), tls, client -> token[0] = session(client))
                    .close();
            return token[0];
        }

        void park(QuietClient.Streams client, String token, String params, String lines) throws IOException {
            client.send("GET " + POLL + params + "&token=" + token + " HTTP/1.1\r\n" + HOST + lines + "\r\n");
        }

        void join(QuietClient.Streams client, int number, IntFunction<String> topic) throws IOException {
            for (int i = 0; i < number; i++) {
                client.frame("[\"" + i + "\",\"" + i + "\",\"" + topic.apply(i) + "\",\"phx_join\",{}]");
                client.readTo("\"phx_reply\",{\"status\":\"ok\",\"response\":{}}]");
            }
        }

        /** Joins a channel and calls it. The calls have payloads of 100 bytes. */
        void call(QuietClient.Streams client, String call, String ref) throws IOException {
            call(client, call, ref, "");
        }

        /** As above, with parts behind the payload that the server ignores. */
        void call(QuietClient.Streams client, String call, String ref, String ignored) throws IOException {
            client.upgrade("/socket/websocket?vsn=2.0.0");
            join(client, 1, topic -> "room:" + topic);
            for (int i = 0; i < CALLS; i++) {
                client.frame("[\"0\",\"" + ref + i + "\",\"room:0\",\"" + call + "\",{\"text\":\"" + PADDING + "\"}"
                        + ignored + "]");
            }
        }

        /** Joins a topic, and sends it an event with many objects. */
        void sendObjects(QuietClient.Streams client, String topic, String event) throws IOException {
            client.upgrade("/socket/websocket?vsn=2.0.0");
            join(client, 1, _ -> topic);
            client.frame("[\"0\",\"1\",\"" + topic + "\",\"" + event + "\"," + OBJECTS + "]");
        }

        void disconnectAll() throws IOException {
            gate.release(1_000_000);
            for (DeferredReply<Empty, Reason> reply = deferred.poll(); reply != null; reply = deferred.poll()) {
                reply.send(Reply.ok());
            }
            for (QuietClient client : clients) {
                client.close();
            }
            clients.clear();
            waitUntilUnchanged();
            drawn.clear();
            gate.drainPermits();
        }

        @Override
        public void close() {
            endpoint.close();
            elsewhere.close();
            presence.close();
            documents.close();
        }
    }
}
