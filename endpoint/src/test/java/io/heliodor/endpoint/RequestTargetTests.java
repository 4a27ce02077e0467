package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths and hosts of requests, as proxies and clients write them. */
class RequestTargetTests extends LiveTest {
    @TempDir
    private Path folder;

    /** The headers {@code Host} that the connect handler saw. */
    private final Queue<String> hosts = new ConcurrentLinkedQueue<>();

    private Live served() throws IOException {
        Files.writeString(folder.resolve("index.html"), "<p>hello");
        Files.writeString(folder.resolve("app.js"), "run()");
        return start(builder -> builder.trustedProxies("192.0.2.1") // so each host is served
                .files("/", folder)
                .get("/metrics", request -> new Text("text/plain", "1"))
                .socket(
                        "/seen",
                        UserSocket.<Object>connect(connect -> {
                                    hosts.add(connect.header("host").orElse("none"));
                                    return Connect.ok(Empty.EMPTY);
                                })
                                .channel(
                                        "room:*",
                                        Channel.join(join -> Join.ok(Empty.EMPTY))
                                                .build())
                                .build()));
    }

    private static String upgrade(String path) {
        return RawClient.upgradeRequest("").replace("/socket/websocket", path);
    }

    private static int status(RawClient client, String request) {
        return client.send(request).response(!request.startsWith("HEAD")).status();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/socket//websocket",
                "//socket/websocket",
                "/socket/websocket/",
                "///socket///websocket//",
                "http://localhost/socket/websocket",
                "http://localhost//socket/websocket/",
            })
    void aSocketIsServedWithoutTheEmptySegmentsOfItsPath(String path) throws IOException {
        connect(served()).send(upgrade(path)).upgraded().joins("room:a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/socket//longpoll", "//socket/longpoll", "/socket/longpoll/", "http://localhost/socket/longpoll"
            })
    void pollsAreServedWithoutTheEmptySegmentsOfTheirPath(String path) throws IOException {
        RawClient.Response response =
                connect(served()).send(RawClient.get(path + "?vsn=2.0.0")).response();
        assertThat(PollClient.Answer.of(response).status()).isEqualTo(410);
    }

    @ParameterizedTest
    @CsvSource({
        "//health, up",
        "/health/, up",
        "//metrics/, 1",
        "//, <p>hello",
        "//app.js, run()",
        "http://localhost, <p>hello",
        "http://localhost?x=1, <p>hello",
        "HTTP://LOCALHOST:80/app.js?x=/y//z, run()",
        "https://[::1]:8443/app.js, run()",
    })
    void otherPathsAreServedWithoutTheirEmptySegments(String path, String content) throws IOException {
        assertThat(connect(served()).send(RawClient.get(path)).response().body())
                .contains(content);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/socket%2fwebsocket", "/socket/%2fwebsocket", "/socket/websocket/x", "/socketwebsocket"})
    void anEncodedSlashSeparatesNoSegments(String path) throws IOException {
        assertThat(status(connect(served()), upgrade(path))).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://",
                "http:///app.js",
                "http://user@localhost/app.js",
                "http://a b/",
                "http://localhost:x/",
                "http://localhost:65536/"
            })
    void anAbsoluteTargetWithoutAHostIsABadRequest(String target) throws IOException {
        assertThat(status(connect(served()), RawClient.get(target))).isEqualTo(400);
    }

    @Test
    void theAuthorityOfAnAbsoluteTargetIsTheHost() throws IOException {
        connect(served())
                .send(upgrade("http://app.example.com:8080/seen/websocket")
                        .replace("\r\n\r\n", "\r\nOrigin: http://app.example.com:8080\r\n\r\n"))
                .upgraded();
        assertThat(hosts).containsExactly("app.example.com:8080");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/2.0", "HTTP/0.9", "HTTP/1.2", "HTTP/3.0"})
    void anotherVersionIsNotSupported(String version) throws IOException {
        RawClient client = connect(served());
        assertThat(status(client, "GET /app.js " + version + "\r\nHost: localhost\r\n\r\n"))
                .isEqualTo(505);
        assertThat(client.restInOrder()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a b",
                "a, b",
                "user@localhost",
                "localhost/x",
                "localhost:x",
                "localhost:65536",
                "localhost:80:80",
                "http://localhost",
                "<script>",
                ".",
                "a..b",
                "[::1",
                "::1",
                "[localhost]",
                "[1:2]"
            })
    void aHostThatIsNoneIsABadRequest(String host) throws IOException {
        assertThat(status(connect(served()), "GET /app.js HTTP/1.1\r\nHost: " + host + "\r\n\r\n"))
                .isEqualTo(400);
        assertThat(status(connect(served()), "GET /app.js HTTP/1.0\r\nHost: " + host + "\r\n\r\n"))
                .isEqualTo(400);
    }

    @Test
    void aHostThatIsTooLongIsABadRequest() throws IOException {
        String host = "a.".repeat(6_000) + "a";
        Live live = served();
        assertThat(status(connect(live), "GET /app.js HTTP/1.1\r\nHost: " + host + "\r\n\r\n"))
                .isEqualTo(400);
        assertThat(status(connect(live), "GET http://" + host.substring(0, 8_000) + "/ HTTP/1.1\r\nHost: a\r\n\r\n"))
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "LOCALHOST:4000",
                "127.0.0.1:4000",
                "[::1]",
                "[2001:db8::7]:443",
                "my_host-1.example.com.",
                "xn--bcher-kva.example",
                "localhost:"
            })
    void eachOtherHostIsServed(String host) throws IOException {
        assertThat(status(connect(served()), "GET /app.js HTTP/1.1\r\nHost: " + host + "\r\n\r\n"))
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: localhost\r\nHost: localhost\r\n",
                "Host: localhost\r\nOrigin: http://localhost\r\nOrigin: http://localhost\r\n"
            })
    void aRepeatedHostOrOriginIsABadRequest(String headers) throws IOException {
        Live live = served();
        for (String version : new String[] {"1.0", "1.1"}) {
            for (String path : new String[] {"/app.js", "/health", "/socket/longpoll?vsn=2.0.0"}) {
                assertThat(status(connect(live), "GET " + path + " HTTP/" + version + "\r\n" + headers + "\r\n"))
                        .isEqualTo(400);
            }
        }
        assertThat(status(connect(live), upgrade("/socket/websocket").replace("Host: localhost\r\n", headers)))
                .isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({"cross-site, 403", "same-site, 403", "same-origin, 410", "none, 410"})
    void aPageOfAnotherSiteWithoutAnOriginCreatesNoPollingSession(String site, int status) throws IOException {
        Live live = served();
        RawClient.Response response = connect(live)
                .send("GET /socket/longpoll?vsn=2.0.0 HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: " + site
                        + "\r\n\r\n")
                .response();
        assertThat(PollClient.Answer.of(response).status()).isEqualTo(status);
        assertThat(live.count("refused_origin")).isEqualTo(status == 403 ? 1 : 0);
    }

    @Test
    void anyPageMayPollWhereEachOriginIsAllowed() {
        Live live = start(builder -> builder.origins("*"));
        RawClient.Response response = connect(live)
                .send(
                        "GET /socket/longpoll?vsn=2.0.0 HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\n\r\n")
                .response();
        assertThat(PollClient.Answer.of(response).status()).isEqualTo(410);
    }

    @Test
    void aHostThatIsNotNamedIsRefused() throws IOException {
        Files.writeString(folder.resolve("app.js"), "run()");
        Live live = start(builder -> builder.files("/", folder).hosts("app.example.com", "*.example.org", "[::1]"));
        for (String host :
                new String[] {"app.example.com", "APP.example.com:4000", "example.org", "a.b.example.org.", "[::1]:1"
                }) {
            assertThat(status(connect(live), "GET /app.js HTTP/1.1\r\nHost: " + host + "\r\n\r\n"))
                    .isEqualTo(200);
        }
        for (String host :
                new String[] {"evil.example", "example.com", "badexample.org", "127.0.0.1:4000", "localhost"}) {
            for (String path :
                    new String[] {"/app.js", "/health", "/socket/longpoll?vsn=2.0.0", "http://evil.example/health"}) {
                assertThat(status(connect(live), "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n"))
                        .isEqualTo(403);
            }
        }
        assertThat(status(connect(live), upgrade("/socket/websocket"))).isEqualTo(403);
        assertThat(status(connect(live), "GET /health HTTP/1.0\r\nHost: evil.example\r\n\r\n"))
                .isEqualTo(403);
        assertThat(live.count("refused_host")).isEqualTo(22);
    }

    @Test
    void theCheckOfABalancerThatNamesNoHostIsServed() {
        Live live = start(builder -> builder.hosts("app.example.com"));
        assertThat(status(connect(live), "GET /health HTTP/1.0\r\n\r\n")).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "https://app.example.com", "app.example.com:4000", "*", "a b", "[x]", "[1:2]", "a..b", "/"})
    void aNameThatIsNoHostIsRefused(String name) {
        assertThatThrownBy(() -> Endpoint.builder().hosts("app.example.com", name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + name + "'");
        assertThatThrownBy(() -> Endpoint.builder().hosts()).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPathWithAnEmptySegmentIsNotMounted() {
        for (String path : new String[] {"//socket", "/a//b"}) {
            assertThatThrownBy(() -> Endpoint.builder().get(path, request -> new Text("text/plain", "1")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'" + path + "'");
        }
    }
}
