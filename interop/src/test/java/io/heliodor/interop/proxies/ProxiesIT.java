package io.heliodor.interop.proxies;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.heliodor.interop.NodePackages;
import io.heliodor.interop.NodeScript;
import io.heliodor.interop.hosts.Certificate;
import io.heliodor.interop.hosts.Follower;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import tools.jackson.databind.JsonNode;

/** The recipes of the guide for proxies, run by these proxies. */
@Tag("long")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ProxiesIT {
    private static final int RESTARTS = Integer.getInteger("heliodor.proxy.restarts", 2);
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final List<String> USERS = List.of("ann", "ben", "cyd");
    private static final int PUBLISH_MILLIS = 20;

    @TempDir
    private static Path folder;

    private static Certificate certificate;
    private static Site site;

    private final List<AutoCloseable> started = new ArrayList<>();
    private RunningProxy proxy;

    @BeforeAll
    static void startSite() throws Exception {
        certificate = Certificate.in(folder);
        NodePackages.install();
        site = Site.start();
    }

    @AfterAll
    static void closeSite() {
        if (site != null) {
            site.close();
        }
    }

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable each : started.reversed()) {
            each.close();
        }
    }

    private void start(Recipe recipe, String timeout) throws Exception {
        assumeTrue(recipe.whyNot().isEmpty(), () -> recipe.whyNot().orElse(""));
        proxy = new RunningProxy(recipe, site, certificate, timeout);
        started.add(proxy);
    }

    private void start(Recipe recipe) throws Exception {
        start(recipe, RunningProxy.TIMEOUT);
    }

    @ParameterizedTest
    @EnumSource
    void aPageItsRequestsAndItsSocketHaveOneOrigin(Recipe recipe) throws Exception {
        start(recipe);
        try (HttpClient http = http()) {
            assertThat(get(http, "/")).contains("<title>The page</title>");
            assertThat(get(http, "/api/orders")).isEqualTo(Site.ORDERS);
        }
        for (String transport : List.of("websocket", "longpoll")) {
            try (NodeScript page = page(transport, Duration.ofSeconds(30))) {
                // Posted together, these are more than proxies take by default.
                for (String echo : List.of("echo 1 10", "echo 3 900000")) {
                    assertThat(page.run(echo).path("replies").valueStream().map(JsonNode::asString))
                            .as(echo + " over " + transport)
                            .containsOnly("ok");
                }
                assertThat(closes(page)).as(transport).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPageOfAnotherOriginIsRefused(Recipe recipe) throws Exception {
        start(recipe);
        try (HttpClient http = http()) {
            assertThat(handshake(http, "Origin", proxy.url())).isEqualTo(101);
            assertThat(handshake(http, "Origin", "https://evil.example")).isEqualTo(403);
            assertThat(handshake(http, "Origin", proxy.url().replaceFirst("\\d+$", "1")))
                    .isEqualTo(403);
            assertThat(poll(http, "Origin", proxy.url()).body()).contains("\"token\"");
            assertThat(poll(http, "Origin", "https://evil.example").body()).doesNotContain("\"token\"");
        }
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "VITE")
    void theHandlerGetsTheAddressAndTheSchemeOfTheClient(Recipe recipe) throws Exception {
        start(recipe);
        Site.Arrival client = new Site.Arrival("127.0.0.2", Optional.of("https"));
        try (HttpClient http = HttpClient.newBuilder()
                .sslContext(certificate.trusting())
                .localAddress(InetAddress.ofLiteral(client.address()))
                .build()) {
            // A client may send any header, and is not believed.
            assertThat(handshake(http, "X-Forwarded-For", "203.0.113.7", "X-Forwarded-Proto", "http"))
                    .isEqualTo(101);
            assertThat(site.lastArrival()).isEqualTo(client);
            site.forgetArrival();
            assertThat(poll(http, "X-Forwarded-For", "203.0.113.7", "X-Forwarded-Proto", "http")
                            .body())
                    .contains("\"token\"");
            assertThat(site.lastArrival()).isEqualTo(client);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatDoesNotReadIsClosedAndTheOthersGetAll(Recipe recipe) throws Exception {
        start(recipe);
        int batch = 20;
        int most = 10_000;
        String text = "x".repeat(16_000);
        try (HttpClient http = http();
                NodeScript fast = page("websocket", Duration.ofSeconds(30))) {
            Unread slow = new Unread();
            WebSocket socket = webSocket(http).buildAsync(webSocketUri(), slow).get();
            socket.sendText("[\"1\",\"1\",\"room:1\",\"phx_join\",{}]", true).get();
            slow.joined.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
            long before = site.closedAsSlow();
            int sent = 0;
            while (site.closedAsSlow() == before) {
                assertThat(sent).as("messages without a close").isLessThan(most);
                for (int i = 0; i < batch; i++) {
                    site.broadcast("room:1", sent++, text);
                }
                int all = sent;
                await("the other client gets all")
                        .atMost(DEADLINE)
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> fast.run("state").path("news").asInt() == all);
            }
            assertThat(fast.run("state").path("inOrder").asBoolean()).isTrue();
            assertThat(closes(fast)).isEmpty();
            socket.abort();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NGINX", "HAPROXY"})
    void heartbeatsKeepAConnectionThatTheProxyWouldEnd(Recipe recipe) throws Exception {
        start(recipe, "3s");
        try (NodeScript beating = page("websocket", Duration.ofSeconds(1));
                NodeScript silent = page("websocket", Duration.ofHours(1))) {
            // Sooner than Heliodor would end it.
            await("the proxy ends the silent one")
                    .atMost(Duration.ofSeconds(50))
                    .until(() -> !closes(silent).isEmpty());
            int before = beating.run("state").path("heartbeats").asInt();
            await("heartbeats for longer than the timeout")
                    .atMost(DEADLINE)
                    .until(() -> beating.run("state").path("heartbeats").asInt() > before + 5);
            assertThat(closes(beating)).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = "HAPROXY")
    void aWebSocketOverHttp2IsServed(Recipe recipe) throws Exception {
        start(recipe);
        try (NodeScript script = new NodeScript(
                List.of(), environment(), "http2-socket.mjs", List.of(proxy.url() + "/socket", "room:1"))) {
            JsonNode joined = script.run("join");
            assertThat(joined.path("status").asInt()).as("%s", joined).isEqualTo(200);
            assertThat(joined.path("reply").asString()).contains("\"status\":\"ok\"");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NGINX", "HAPROXY"})
    @Timeout(value = 60, unit = TimeUnit.MINUTES)
    void aRollingRestartFailsNoHandshakeAndLosesNoMessage(Recipe recipe) throws Exception {
        start(recipe);
        List<String> topics = List.of(Site.KEPT + recipe + "-1", Site.KEPT + recipe + "-2");
        List<Follower> followers = new ArrayList<>();
        for (String user : USERS) {
            Follower follower = new Follower(List.of(), environment(), proxy.socket(), user, topics);
            started.add(follower);
            followers.add(follower);
        }
        allHaveJoined(followers);
        for (Follower each : followers) {
            each.publish(PUBLISH_MILLIS);
        }
        int connected;
        try (HttpClient http = http()) {
            Arrivals arrivals = new Arrivals(http, proxy);
            try {
                for (int restart = 0; restart < RESTARTS; restart++) {
                    site.restart(restart % 2);
                    allHaveJoined(followers);
                    assertThat(arrivals.failures())
                            .as("after %d restarts", restart + 1)
                            .isEmpty();
                }
            } finally {
                arrivals.end();
            }
            connected = arrivals.connected();
            assertThat(arrivals.failures()).isEmpty();
        }
        for (Follower each : followers) {
            each.quiet();
        }
        int messages = allHaveTheSame(followers);
        System.out.printf("%s: %d clients connected, %d messages%n", recipe, connected, messages);
        assertThat(connected).isGreaterThan(10 * RESTARTS);
        assertThat(messages).isGreaterThan(10 * RESTARTS);
    }

    private static void allHaveJoined(List<Follower> followers) {
        await("all have joined").atMost(DEADLINE).untilAsserted(() -> {
            for (Follower each : followers) {
                assertThat(each.state().joined()).isTrue();
            }
        });
    }

    /** Waits until all have all messages of each publisher, and returns their number. */
    private static int allHaveTheSame(List<Follower> followers) throws IOException {
        await("all have the same").atMost(DEADLINE).untilAsserted(() -> {
            List<Map<Follower.Key, List<Integer>>> got = new ArrayList<>();
            for (Follower each : followers) {
                got.add(each.state().got());
            }
            Set<Follower.Key> keys = new HashSet<>();
            got.forEach(one -> keys.addAll(one.keySet()));
            for (Follower.Key key : keys) {
                int last = got.stream()
                        .flatMap(one -> one.getOrDefault(key, List.of()).stream())
                        .mapToInt(n -> n)
                        .max()
                        .orElseThrow();
                assertThat(got)
                        .as("%s", key)
                        .extracting(one -> one.get(key))
                        .containsOnly(IntStream.rangeClosed(1, last).boxed().toList());
            }
        });
        for (Follower each : followers) {
            Follower.State state = each.state();
            assertThat(state.faults()).isEmpty();
            assertThat(state.gaps()).as("signs that messages are missing").isZero();
        }
        return followers.getFirst().state().got().values().stream()
                .mapToInt(List::size)
                .sum();
    }

    /** A client that reads the reply to its join, and no more. */
    private static final class Unread implements WebSocket.Listener {
        private final CompletableFuture<String> joined = new CompletableFuture<>();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
            joined.complete(text.toString());
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            joined.completeExceptionally(error);
        }
    }

    /** phoenix.js that has joined a room. */
    private NodeScript page(String transport, Duration heartbeat) throws IOException {
        NodeScript page = new NodeScript(
                List.of(),
                environment(),
                "proxied.mjs",
                List.of(proxy.socket(), transport, Long.toString(heartbeat.toMillis()), "room:1"));
        try {
            await("the page has joined over " + transport)
                    .atMost(DEADLINE)
                    .until(() -> page.run("state").path("joined").asBoolean());
        } catch (Throwable e) {
            page.close();
            throw e;
        }
        return page;
    }

    /** The codes by which its connections have ended. */
    private static List<String> closes(NodeScript page) throws IOException {
        return page.run("state")
                .path("closes")
                .valueStream()
                .map(JsonNode::toString)
                .toList();
    }

    private static Map<String, String> environment() {
        return Map.of("NODE_EXTRA_CA_CERTS", certificate.chain().toString());
    }

    private HttpClient http() {
        return HttpClient.newBuilder()
                .sslContext(certificate.trusting())
                // Without TLS the client would request an upgrade to HTTP/2, for which vite has no answer.
                .version(proxy.url().startsWith("https") ? Version.HTTP_2 : Version.HTTP_1_1)
                .build();
    }

    private URI webSocketUri() {
        return URI.create(proxy.socket() + "/websocket?vsn=2.0.0");
    }

    private static WebSocket.Builder webSocket(HttpClient http, String... headers) {
        WebSocket.Builder builder = http.newWebSocketBuilder();
        for (int i = 0; i < headers.length; i += 2) {
            builder.header(headers[i], headers[i + 1]);
        }
        return builder;
    }

    /** The status of a handshake with more headers. */
    private int handshake(HttpClient http, String... headers) throws Exception {
        try {
            webSocket(http, headers)
                    .buildAsync(webSocketUri(), new WebSocket.Listener() {})
                    .get(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                    .abort();
            return 101;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof WebSocketHandshakeException refused) {
                return refused.getResponse().statusCode();
            }
            throw e;
        }
    }

    /** The answer to a first poll with more headers. */
    private HttpResponse<String> poll(HttpClient http, String... headers) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(proxy.url() + "/socket/longpoll?vsn=2.0.0"))
                        .headers(headers)
                        .timeout(DEADLINE)
                        .build(),
                BodyHandlers.ofString(UTF_8));
    }

    private String get(HttpClient http, String path) throws Exception {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(URI.create(proxy.url() + path))
                        .header("Accept", "*/*")
                        .timeout(DEADLINE)
                        .build(),
                BodyHandlers.ofString(UTF_8));
        assertThat(response.statusCode()).as(path).isEqualTo(200);
        return response.body();
    }
}
