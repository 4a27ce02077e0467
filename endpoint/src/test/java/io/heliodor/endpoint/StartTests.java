package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Channels;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.fixtures.FreePort;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.Nodes;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;

/** The start of an endpoint, and its failures. */
class StartTests extends LiveTest {
    private static final UserSocket<Object> SOCKET = UserSocket.open()
            .channel("room:*", Channel.join(join -> Join.ok(Empty.EMPTY)).build())
            .build();

    @Test
    void aPortInUseHasAnExceptionOfItsOwn() {
        Live live = start();
        long threads = loops();
        int port = live.endpoint.port();
        assertThatThrownBy(() -> Live.start(transport, builder -> builder.port(port)))
                .isInstanceOfSatisfying(
                        PortInUseException.class, e -> assertThat(e.port()).isEqualTo(port))
                .hasMessage(
                        "Port " + port
                                + " is in use on 127.0.0.1; stop the program that has it, or choose another port, or 0 for a free one.");
        Live.eventually().untilAsserted(() -> assertThat(loops()).isEqualTo(threads));
        open(live).joins("room:a");
    }

    @Test
    void anUnknownHostIsReported() {
        assertThatThrownBy(() -> start(builder -> builder.host("no-such-host.invalid")))
                .isInstanceOf(UncheckedIOException.class)
                .cause()
                .hasMessage("cannot listen on no-such-host.invalid:0: there is no such host");
    }

    @Test
    void anAddressOfAnotherMachineIsRefusedWithTheMessageOfTheSystem() {
        assertThatThrownBy(() -> start(builder -> builder.host("192.0.2.1")))
                .isInstanceOf(UncheckedIOException.class)
                .cause()
                .hasMessageStartingWith("cannot listen on 192.0.2.1:0: ")
                .hasMessageContaining("assign requested address");
    }

    @Test
    void aStartThatFailsLeavesTheGivenPubSubOpen() {
        try (PubSub pubsub = PubSub.local()) {
            assertThatThrownBy(() -> start(builder -> builder.pubsub(pubsub).host("no-such-host.invalid")))
                    .isInstanceOf(UncheckedIOException.class);
            open(start(builder -> builder.pubsub(pubsub))).joins("room:a");
        }
    }

    @Test
    void anEndpointIsStartedOnceAndClosedOnce() {
        Endpoint endpoint = Endpoint.builder()
                .host("127.0.0.1")
                .port(0)
                .socket("/socket", SOCKET)
                .build();
        assertThat(endpoint.isRunning()).isFalse();
        assertThatThrownBy(endpoint::port)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("The endpoint has a port after start(), which was not called or failed.");
        endpoint.drain(Duration.ofSeconds(1));
        assertThatThrownBy(() -> endpoint.drain(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "The turns of a drain are spread over a time, not over PT-1S; give Duration.ZERO to close all"
                                + " connections at once.");
        assertThat(endpoint.start()).isSameAs(endpoint);
        assertThat(endpoint.isRunning()).isTrue();
        assertThatThrownBy(endpoint::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("The endpoint has started already; it listens on port " + endpoint.port() + ".");
        endpoint.close();
        endpoint.close();
        assertThat(endpoint.isRunning()).isFalse();
        assertThat(endpoint.port()).isPositive();
        assertThatThrownBy(endpoint::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("The endpoint is closed and does not start again; build another one.");
        assertThatThrownBy(() -> endpoint.channels().newest("room:a", 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("The endpoint is closed, so its channels cannot be reached any more.");
    }

    @Test
    void anEndpointThatDoesNotStartOpensNoThreadAndIsForgottenWhenItIsClosed() {
        try (PubSub pubsub = PubSub.local()) {
            Set<Thread> threads = ownThreads();
            Endpoint endpoint =
                    Endpoint.builder().pubsub(pubsub).socket("/socket", SOCKET).build();
            Channels.over(pubsub).broadcast("room:a", Event.of("hello", Empty.class), Empty.EMPTY);
            assertThat(endpoint.metrics().all()).isNotEmpty();
            assertThat(ownThreads()).isSubsetOf(threads);
            endpoint.close();
            assertThatThrownBy(() ->
                            Channels.over(pubsub).broadcast("room:a", Event.of("hello", Empty.class), Empty.EMPTY))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aFailedStartClosesTheEndpoint() {
        int port = start().endpoint.port();
        Endpoint endpoint = Endpoint.builder()
                .host("127.0.0.1")
                .port(port)
                .socket("/socket", SOCKET)
                .build();
        assertThatThrownBy(endpoint::start).isInstanceOf(PortInUseException.class);
        assertThatThrownBy(endpoint::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("The endpoint is closed and does not start again; build another one.");
    }

    @Test
    void anEndpointThatServesNothingDoesNotStart() {
        try (Endpoint endpoint = Endpoint.builder().host("127.0.0.1").port(0).build()) {
            assertThatThrownBy(endpoint::start)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(".socket(\"/socket\", socket)");
        }
    }

    @Test
    void anEndpointPrintsItsAddressItsSocketsAndItsState() {
        Endpoint endpoint = Endpoint.builder()
                .host("127.0.0.1")
                .port(0)
                .socket("/socket", SOCKET)
                .build();
        assertThat(endpoint).hasToString("Endpoint[127.0.0.1:0, sockets [/socket], not started]");
        endpoint.start();
        assertThat(endpoint).hasToString("Endpoint[127.0.0.1:" + endpoint.port() + ", sockets [/socket], running]");
        endpoint.close();
        assertThat(endpoint.toString()).endsWith("closed]");
    }

    @Test
    void theAddressOfASocketIsNotAnOrigin() {
        assertThatThrownBy(() -> Endpoint.builder().origins("wss://app.example.com"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'wss://app.example.com'")
                .hasMessageContaining("write https://app.example.com");
    }

    @Test
    void aStartIsLoggedInOneLine() {
        RecordedLog.clear();
        Live live = start();
        assertThat(RecordedLog.lines(Level.INFO, "The endpoint"))
                .extracting(RecordedLog.Line::text)
                .containsExactly("The endpoint listens on http://127.0.0.1:" + live.endpoint.port() + " ("
                        + transport.name().toLowerCase(Locale.ROOT) + "), sockets [/socket]");
    }

    /** A pub/sub whose node catches up when the test completes the future. */
    private static PubSub catchingUp(PubSub pubsub, CompletableFuture<Void> waits, Future<Boolean> caughtUp) {
        Nodes nodes = proxy(Nodes.class, ClusterPubSub.nodesOf(pubsub), "awaitCaughtUp", () -> {
            waits.complete(null);
            return caughtUp.get();
        });
        return proxy(ClusterPubSub.class, ClusterPubSub.of(pubsub), "nodes", () -> nodes);
    }

    /** An object of which one method is replaced. */
    private static <T> T proxy(Class<T> type, T object, String replaced, Callable<?> by) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (_, method, arguments) -> {
                    try {
                        return method.getName().equals(replaced) ? by.call() : method.invoke(object, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void thePortIsOpenWhenTheNodeHasCaughtUpOrItsTimeIsOver(boolean inTime) throws Exception {
        CompletableFuture<Void> waits = new CompletableFuture<>();
        CompletableFuture<Boolean> caughtUp = new CompletableFuture<>();
        int port = FreePort.find();
        try (PubSub pubsub = PubSub.local()) {
            CompletableFuture<Live> starting = CompletableFuture.supplyAsync(
                    () -> start(builder -> builder.port(port).pubsub(catchingUp(pubsub, waits, caughtUp))));
            waits.get(30, TimeUnit.SECONDS);
            assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                    .isInstanceOf(ConnectException.class);
            caughtUp.complete(inTime);
            open(starting.get()).joins("room:a");
        }
    }

    @Test
    void aPortIsFreeAgainAfterTheClose() {
        Live first = start();
        int port = first.endpoint.port();
        RawClient client = open(first);
        first.close();
        client.isClosedWith(1001);
        Live second = start(builder -> builder.port(port));
        assertThat(second.endpoint.port()).isEqualTo(port);
        open(second).joins("room:a");
    }

    @Test
    void aSocketMayBeMountedBelowSeveralSegmentsAndNextToAnother() {
        Live live = start(builder -> builder.socket("/api/v1/socket", SOCKET));
        connect(live)
                .send(RawClient.upgradeRequest("").replace("/socket/", "/api/v1/socket/"))
                .upgraded()
                .joins("room:a");
        open(live).joins("room:a");
        assertThat(connect(live)
                        .send(RawClient.upgradeRequest("").replace("/socket/", "/api/v2/socket/"))
                        .response()
                        .status())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 65_536, Integer.MIN_VALUE})
    void anInvalidPortIsRefused(int port) {
        assertThatThrownBy(() -> Endpoint.builder().port(port))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Port " + port + " does not exist; choose 0 to 65535.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "socket", "/socket/", "/", "/socket/websocket", "/socket/longpoll", "/taken"})
    void aSocketNeedsAPathOfItsOwn(String path) {
        Endpoint.Builder builder = Endpoint.builder().socket("/taken", SOCKET);
        assertThatThrownBy(() -> builder.socket(path, SOCKET))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + path + "'");
    }

    @Test
    void aFolderMustExist() {
        assertThatThrownBy(() -> Endpoint.builder().files("/", Path.of("no/such/folder")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("There is no folder no/such/folder to serve under '/'.");
        assertThatThrownBy(() -> Endpoint.builder().files("assets", Path.of(".")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'assets'");
    }

    @Test
    void anInvalidOriginRuleIsRefusedAtOnce() {
        assertThatThrownBy(() -> Endpoint.builder().origins("https://good.example", "no origin"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'no origin'");
    }

    /** Those of endpoints; the carriers of virtual threads are the JVM's. */
    private static Set<Thread> ownThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("heliodor"))
                .collect(Collectors.toSet());
    }

    private static long loops() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("heliodor-loop"))
                .count();
    }
}
