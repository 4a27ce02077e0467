package io.heliodor.endpoint;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Limits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;

/** Requests that are not an upgrade. */
class HttpTests extends LiveTest {
    private static final int LARGE = 3_000_000;

    @TempDir
    private Path folder;

    @BeforeEach
    void fill() throws IOException {
        Files.writeString(folder.resolve("index.html"), "<p>hello");
        Files.writeString(folder.resolve("app.js"), "run()");
        Files.writeString(folder.resolve("empty.txt"), "");
        Files.write(folder.resolve("large.bin"), "0123456789".repeat(LARGE / 10).getBytes(US_ASCII));
    }

    private Live startWithFiles() {
        return start(builder -> builder.files("/", folder));
    }

    @Test
    void aFileIsServed() {
        RawClient.Response response =
                connect(startWithFiles()).send(RawClient.get("/app.js")).response();
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("run()");
        assertThat(response.header("content-type")).isEqualTo("text/javascript; charset=utf-8");
        assertThat(response.header("x-content-type-options")).isEqualTo("nosniff");
        assertThat(response.header("cache-control")).isEqualTo("no-cache");
        assertThat(response.headers()).doesNotContainKey("content-security-policy");
    }

    @Test
    void aPageMayNotBeShownWithinAnother() {
        RawClient.Response response =
                connect(startWithFiles()).send(RawClient.get("/")).response();
        assertThat(response.body()).isEqualTo("<p>hello");
        assertThat(response.header("content-security-policy")).isEqualTo("frame-ancestors 'none'");
    }

    @Test
    void aLargeFileAndAnEmptyOneArriveWhole() {
        RawClient client = connect(startWithFiles());
        for (int i = 0; i < 2; i++) {
            assertThat(client.send(RawClient.get("/large.bin")).response().body())
                    .isEqualTo("0123456789".repeat(LARGE / 10));
            RawClient.Response empty = client.send(RawClient.get("/empty.txt")).response();
            assertThat(empty.status()).isEqualTo(200);
            assertThat(empty.body()).isEmpty();
        }
    }

    @Test
    void aClientThatDoesNotReadAFileIsClosedAndItsBuffersAreReleased() {
        Live live = start(builder -> builder.files("/", folder)
                .limits(Limits.openInternet().sessions(s -> s.stallTimeout(Duration.ofMillis(200)))));
        withHealthyClient(live);
        RawClient client = closing(RawClient.connect(live.endpoint, 4 << 10))
                .send(RawClient.get("/large.bin").repeat(100));
        Live.eventually()
                .untilAsserted(() -> assertThat(RecordedLog.lines(Level.DEBUG, "the client does not take it"))
                        .hasSize(1));
        assertThat(client.rest()).hasSizeLessThan(2 * LARGE);
    }

    @Test
    void aRequestForAFileThatHasNotChangedIsAnsweredWith304() {
        RawClient client = connect(startWithFiles());
        // A file that has just changed has no tag.
        Live.eventually()
                .until(() -> !client.send(RawClient.get("/app.js"))
                        .response()
                        .header("etag")
                        .isEmpty());
        String tag = client.send(RawClient.get("/app.js")).response().header("etag");

        for (String known : new String[] {tag, "W/" + tag, "\"x\", " + tag, "*"}) {
            RawClient.Response response = client.send(
                            "GET /app.js HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: " + known + "\r\n\r\n")
                    .response();
            assertThat(response.status()).isEqualTo(304);
            assertThat(response.header("etag")).isEqualTo(tag);
        }

        RawClient.Response other = client.send(
                        "GET /app.js HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: \"0-0\"\r\n\r\n")
                .response();
        assertThat(other.status()).isEqualTo(200);
        assertThat(other.body()).isEqualTo("run()");
    }

    @Test
    void aFileThatGrowsIsServedAndFillsNoLog() throws Exception {
        Live live = startWithFiles();
        appends("");
        AtomicBoolean ended = new AtomicBoolean();
        Thread writer = Thread.ofPlatform().start(() -> {
            while (!ended.get()) {
                appends("a line\n");
            }
        });
        try {
            for (int i = 0; i < 50; i++) {
                RawClient client = connect(live);
                assertThat(client.send(RawClient.get("/growing.log").replace("GET", "HEAD"))
                                .response(false)
                                .status())
                        .isEqualTo(200);
                RawClient.Response response =
                        client.send(RawClient.get("/growing.log")).response(false);
                assertThat(response.status()).isIn(200, 503);
                if (response.status() == 503) {
                    assertThat(response.header("retry-after")).isEqualTo("1");
                }
                client.close();
            }
        } finally {
            ended.set(true);
            writer.join();
        }
        assertThat(RecordedLog.lines(Level.ERROR, "")).isEmpty();
    }

    private void appends(String text) {
        try {
            Files.writeString(
                    folder.resolve("growing.log"), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/app.js", "/health", "/large.bin", "/empty.txt"})
    void headIsGetWithoutTheBody(String path) {
        RawClient client = connect(startWithFiles());
        RawClient.Response get = client.send(RawClient.get(path)).response();
        RawClient.Response head =
                client.send(RawClient.get(path).replace("GET", "HEAD")).response(false);
        assertThat(head.status()).isEqualTo(get.status());
        if (!path.equals("/health")) {
            // A file that has just changed has no tag yet.
            get.headers().remove("etag");
            head.headers().remove("etag");
            assertThat(head.headers()).isEqualTo(get.headers());
        }
        assertThat(client.send(RawClient.get("/app.js")).response().body()).isEqualTo("run()");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"})
    void otherMethodsAreNotAllowed(String method) {
        Live live = startWithFiles();
        RawClient client =
                connect(live).send(method + " /app.js HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc");
        RawClient.Response response = client.response();
        assertThat(response.status()).isEqualTo(405);
        assertThat(response.header("allow")).isEqualTo("GET, HEAD");
        assertThat(client.restInOrder()).isEmpty();
        assertThat(live.count("refused_request")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/nothing",
                "/../HttpTests.java",
                "/%2e%2e/secret",
                "/..%2f..%2fetc/passwd",
                "/%2E%2E%5Csecret",
                "/.git/config",
                "/%2egit/config",
                "/index.html%00",
                "/index.html%00.js",
                "//etc/passwd",
                "/index.html/",
                "*",
                "http://localhost/etc/passwd"
            })
    void aPathWithoutAFileIsNotFound(String path) {
        RawClient client = connect(startWithFiles()).send(RawClient.get(path));
        assertThat(client.response().status()).isEqualTo(404);
        assertThat(client.restInOrder()).isEmpty();
    }

    @Test
    void aFolderThatCannotBeReadAnyMoreIsNotFound() throws IOException {
        URI zip = URI.create("jar:" + folder.resolve("page.jar").toUri());
        FileSystem jar = FileSystems.newFileSystem(zip, Map.of("create", "true"));
        Files.writeString(jar.getPath("/index.html"), "<p>zipped");
        Live live = start(builder -> builder.files("/", jar.getPath("/")));
        RawClient client = connect(live).send(RawClient.get("/"));
        assertThat(client.response().body()).isEqualTo("<p>zipped");

        jar.close();

        assertThat(client.send(RawClient.get("/")).response().status()).isEqualTo(404);
        assertThat(RecordedLog.lines(Level.ERROR, "cannot be read")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 20_000})
    void anErrorInTheReadOfAFileEndsItsRequest(int bytes) {
        Live live = start(builder -> builder.files("/", FaultyFolder.of(folder, bytes))
                .limits(Limits.openInternet().connections(c -> c.maxHandshakesOfLoopback(10))));
        RawClient client = connect(live).send(RawClient.get("/large.bin"));
        assertThat(client.rest()).startsWith(bytes == 0 ? "HTTP/1.1 500 " : "HTTP/1.1 200 ");
        Live.eventually().untilAsserted(() -> {
            assertThat(live.endpoint.addresses()).isZero();
            assertThat(live.gauge("heliodor.memory.used")).isZero();
        });
        assertThat(RecordedLog.lines(Level.ERROR, "on purpose")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/index.html", "/%69ndex.html", "/index.html?x=1&y", "/?v=2", "/#top"})
    void theSamePageUnderItsOtherNamesIsFound(String path) {
        assertThat(connect(startWithFiles())
                        .send(RawClient.get(path))
                        .response()
                        .body())
                .isEqualTo("<p>hello");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/%", "/%zz", "/?x=%", "/?%=%"})
    void aPathThatCannotBeDecodedIsABadRequest(String path) {
        RawClient client = connect(startWithFiles()).send(RawClient.get(path));
        assertThat(client.response().status()).isEqualTo(400);
        assertThat(client.restInOrder()).isEmpty();
    }

    @Test
    void aRequestWithoutHostIsABadRequestUnlessItIsOld() {
        Live live = startWithFiles();
        assertThat(connect(live).send("GET / HTTP/1.1\r\n\r\n").response().status())
                .isEqualTo(400);

        RawClient old = connect(live).send("GET / HTTP/1.0\r\n\r\n");
        assertThat(old.response().body()).isEqualTo("<p>hello");
        assertThat(old.restInOrder()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/app.js", "/empty.txt", "/health"})
    void anOldClientThatStaysReadsThatItsConnectionIsKept(String path) {
        RawClient client = connect(startWithFiles());
        for (int i = 0; i < 2; i++) {
            RawClient.Response response = client.send("GET " + path + " HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                    .response();
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.header("connection")).isEqualTo("keep-alive");
        }
        assertThat(client.send(RawClient.get(path)).response().headers()).doesNotContainKey("connection");
        assertThat(client.send("GET " + path + " HTTP/1.0\r\n\r\n").response().header("connection"))
                .isEqualTo("close");
        assertThat(client.restInOrder()).isEmpty();
    }

    @Test
    void healthReportsThatTheServerIsUp() {
        Live live = start();
        open(live).joins("room:a").joins("room:b");
        RawClient.Response response =
                connect(live).send(RawClient.get("/health")).response();
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.header("content-type")).isEqualTo("application/json; charset=utf-8");
        assertThat(response.body())
                .matches("\\{\"status\":\"up\",\"connections\":1,\"channels\":2,\"topics\":2,"
                        + "\"version\":\"[0-9]+\\.[0-9]+\\.[0-9]+[^\"]*\",\"since\":\"20[0-9T:-]+Z\"}");
    }

    @Test
    void aConnectionServesOneRequestAfterTheOther() {
        RawClient client = connect(startWithFiles());
        for (int i = 0; i < 5; i++) {
            assertThat(client.send(RawClient.get("/app.js")).response().body()).isEqualTo("run()");
            assertThat(client.send(RawClient.get("/health")).response().status())
                    .isEqualTo(200);
        }
    }

    @Test
    void requestsThatComeTogetherAreServedInOrder() {
        RawClient client = connect(startWithFiles());
        client.send((RawClient.get("/app.js") + RawClient.get("/health") + RawClient.get("/")).repeat(100));
        for (int i = 0; i < 100; i++) {
            assertThat(client.response().body()).isEqualTo("run()");
            assertThat(client.response().body()).contains("\"up\"");
            assertThat(client.response().body()).isEqualTo("<p>hello");
        }
    }

    @Test
    void aRequestMayComeInPiecesAfterAnother() {
        String second = RawClient.get("/app.js");
        RawClient client = connect(startWithFiles()).send(RawClient.get("/") + second.substring(0, 9));
        assertThat(client.response().body()).isEqualTo("<p>hello");
        client.send(second.substring(9, 20));
        assertThat(client.send(second.substring(20)).response().body()).isEqualTo("run()");
    }

    @Test
    void anUpgradeMayFollowARequest() {
        RawClient client = connect(startWithFiles());
        client.send(RawClient.get("/") + RawClient.upgradeRequest(""));
        assertThat(client.response().body()).isEqualTo("<p>hello");
        client.upgraded().joins("room:a");
    }

    @Test
    void requestsAfterARefusalAreNotServed() {
        RawClient client = connect(startWithFiles()).send(RawClient.get("/nothing") + RawClient.get("/"));
        assertThat(client.response().status()).isEqualTo(404);
        assertThat(client.restInOrder()).isEmpty();
    }

    @Test
    void theHeaderConnectionCloseIsHonored() {
        RawClient client = connect(startWithFiles())
                .send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" + RawClient.get("/"));
        RawClient.Response response = client.response();
        assertThat(response.body()).isEqualTo("<p>hello");
        assertThat(response.header("connection")).isEqualTo("close");
        assertThat(client.restInOrder()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 9\r\n\r\nGET / HTTP",
                "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                "Content-Length: 100000\r\n\r\nnot all of it"
            })
    void aGetWithABodyIsServedAndTheBodyIsNeverTakenForARequest(String rest) {
        RawClient client = connect(startWithFiles()).send("GET /app.js HTTP/1.1\r\nHost: localhost\r\n" + rest);
        client.trySend(RawClient.get("/").getBytes(US_ASCII));
        assertThat(client.response().body()).isEqualTo("run()");
        assertThat(client.restInOrder()).isEmpty();
    }

    @Test
    void anAnswerReachesAClientThatIsStillSending() {
        // More than the buffers of both sides hold: a close at once would be a reset, which discards the response.
        byte[] large = new byte[1 << 20];
        RawClient client = connect(startWithFiles())
                .send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + large.length + "\r\n\r\n");
        client.send(large);
        assertThat(client.response().status()).isEqualTo(405);
        assertThat(client.restInOrder()).isEmpty();
    }

    @Test
    void aConnectionWithoutAFurtherRequestIsClosedInTimeAndNotCounted() {
        Live live = start(builder -> builder.files("/", folder)
                .limits(Limits.openInternet().connections(c -> c.keepAliveTimeout(Duration.ofMillis(200)))));
        RawClient client = connect(live).send(RawClient.get("/"));
        assertThat(client.response().body()).isEqualTo("<p>hello");
        client.ends();
        assertThat(live.count("refused_slow_handshake")).isZero();
    }

    @Test
    void aConnectionStaysForANextRequestLongerThanAHandshakeMayTake() {
        Live live = start(builder -> builder.files("/", folder)
                .limits(Limits.openInternet().connections(c -> c.handshakeTimeout(Duration.ofSeconds(2)))));
        RawClient client = connect(live).send(RawClient.get("/"));
        assertThat(client.response().body()).isEqualTo("<p>hello");
        connect(live).ends(); // the limit has passed
        assertThat(client.send(RawClient.get("/app.js")).response().body()).isEqualTo("run()");
    }

    @Test
    void aNextRequestThatHasBegunIsCompleteInTheTimeOfAHandshake() {
        Live live = start(builder -> builder.files("/", folder)
                .limits(Limits.openInternet().connections(c -> c.handshakeTimeout(Duration.ofSeconds(2)))));
        RawClient client = connect(live).send(RawClient.get("/"));
        assertThat(client.response().body()).isEqualTo("<p>hello");
        client.send("GET /app.js HTTP/1.1\r\n").ends();
        live.awaitCount("refused_slow_handshake", 1);
    }

    @Test
    void aDownloadMayTakeLongerThanAHandshake() {
        Live live = start(builder -> builder.files("/", folder)
                .limits(Limits.openInternet().connections(c -> c.handshakeTimeout(Duration.ofSeconds(2)))));
        RawClient client = closing(RawClient.connect(live.endpoint, 4 << 10)).send(RawClient.get("/large.bin"));
        connect(live).ends(); // the limit has passed
        assertThat(client.response().body()).hasSize(LARGE);
    }
}
