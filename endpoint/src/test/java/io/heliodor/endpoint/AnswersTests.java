package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.fixtures.RecordedLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** Responses of the endpoint itself: computed texts and readiness. */
class AnswersTests extends LiveTest {
    private RawClient.Response gets(Live live, String path) {
        return connect(live).send(RawClient.get(path)).response();
    }

    @Test
    void aTextIsComputedForEachRequest() {
        AtomicInteger count = new AtomicInteger();
        Live live = start(builder ->
                builder.get("/count", _ -> new Text("text/plain; version=1", "caf\u00e9 " + count.incrementAndGet())));
        RawClient client = connect(live);
        RawClient.Response response = client.send(RawClient.get("/count")).response();
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.header("content-type")).isEqualTo("text/plain; version=1");
        assertThat(client.send(RawClient.get("/count?x=y")).response().body()).endsWith(" 2");
        assertThat(gets(live, "/count/x").status()).isEqualTo(404);
        assertThat(connect(live)
                        .send(RawClient.get("/count").replace("GET", "POST"))
                        .response()
                        .status())
                .isEqualTo(405);
        assertThat(count).hasValue(2);
    }

    @Test
    void aTextMayDependOnItsRequest() {
        List<Request> seen = new ArrayList<>();
        Live live = start(builder -> builder.get("/who", request -> {
            seen.add(request);
            return request.header("AUTHORIZATION").equals(Optional.of("Bearer t"))
                    ? new Text("text/plain", request.param("q").orElse("nothing"))
                    : new Text("text/plain", "who?");
        }));
        assertThat(gets(live, "/who?q=a").body()).isEqualTo("who?");
        RawClient client = connect(live);
        String head = RawClient.get("/who?q=a&q=b%20c&r=1")
                .replace("\r\n\r\n", "\r\nAuthorization: Bearer t\r\nX-A: 1\r\nx-a: 2\r\n\r\n");
        assertThat(client.send(head).response().body()).isEqualTo("b c");
        Request request = seen.getLast();
        assertThat(request.path()).isEqualTo("/who");
        assertThat(request.params()).isEqualTo(Map.of("q", List.of("a", "b c"), "r", List.of("1")));
        assertThat(request.headers()).containsEntry("x-a", List.of("1", "2")).containsKey("host");
        assertThat(request.header("x-b")).isEmpty();
        assertThat(request.remoteAddress()).isEqualTo("127.0.0.1");
    }

    @Test
    void aTextMayHaveAStatusAndHeaders() {
        Live live = start(builder -> builder.get(
                "/secret",
                _ -> new Text(
                        401, "text/plain", "no", Map.of("WWW-Authenticate", "Bearer", "Cache-Control", "no-store"))));
        RawClient client = connect(live);
        RawClient.Response response = client.send(RawClient.get("/secret")).response();
        assertThat(response.status()).isEqualTo(401);
        assertThat(response.body()).isEqualTo("no");
        assertThat(response.header("www-authenticate")).isEqualTo("Bearer");
        assertThat(response.header("cache-control")).isEqualTo("no-store");
        assertThat(client.send(RawClient.get("/secret")).response().status())
                .as("the connection stays open")
                .isEqualTo(401);
        for (int status : new int[] {0, 101, 199, 600}) {
            assertThatThrownBy(() -> new Text(status, "text/plain", "", Map.of()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aHeaderThatEndsALineIsAnsweredWith500() {
        Live live = start(builder ->
                builder.get("/split", _ -> new Text(200, "text/plain", "", Map.of("X-A", "1\r\nX-B: 2"))));
        RawClient.Response response = gets(live, "/split");
        assertThat(response.status()).isEqualTo(500);
        assertThat(RecordedLog.lines(Level.ERROR, "/split")).hasSize(1);
    }

    @Test
    void aTextWhoseComputationFailsIsAnsweredWith500() {
        Live live = start(builder -> builder.get("/broken", _ -> {
            throw new IllegalStateException("asked to fail");
        }));
        assertThat(gets(live, "/broken").status()).isEqualTo(500);
        assertThat(RecordedLog.lines(Level.ERROR, "/broken")).hasSize(1);
    }

    @Test
    void requestsOverTheLimitOfConcurrentComputationsWaitAndAddressesTakeTurns() {
        Semaphore gate = new Semaphore(0);
        Semaphore begun = new Semaphore(0);
        Live live = start(builder -> builder.get("/slow", _ -> {
            begun.release();
            gate.acquire();
            return new Text("text/plain", "done");
        }));
        withHealthyClient(live);
        List<RawClient> waiting = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            waiting.add(connect(live).send(RawClient.get("/slow")));
        }
        begun.acquireUninterruptibly(4);
        for (int i = 0; i < 100; i++) {
            waiting.add(connect(live).send(RawClient.get("/slow")));
        }
        RawClient scraper =
                closing(RawClient.connectFrom("127.0.0.2", live.endpoint)).send(RawClient.get("/slow"));
        gate.release(105);
        waiting.forEach(client -> assertThat(client.response().body()).isEqualTo("done"));
        assertThat(scraper.response().body()).isEqualTo("done");
        assertThat(live.count("refused_request")).isZero();
    }

    @Test
    void aPathThatIsTakenOrInvalidIsRefused() {
        Endpoint.Builder builder = Endpoint.builder().get("/a", _ -> new Text("", ""));
        for (String path : new String[] {"/a", "/health", "a"}) {
            assertThatThrownBy(() -> builder.get(path, _ -> new Text("", "")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'" + path + "'");
        }
        assertThatThrownBy(() -> builder.ready("\"", () -> true)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aServerWithAFailedCheckIsNotReady() {
        AtomicBoolean ready = new AtomicBoolean();
        Live live = start(builder -> builder.ready("database", ready::get).ready("cache", () -> true));
        RawClient.Response unready = gets(live, "/health");
        assertThat(unready.status()).isEqualTo(503);
        assertThat(unready.body())
                .startsWith("{\"status\":\"unready\",")
                .endsWith(",\"checks\":{\"database\":false,\"cache\":true}}");
        ready.set(true);
        Live.eventually()
                .untilAsserted(() -> assertThat(gets(live, "/health").body())
                        .startsWith("{\"status\":\"up\",")
                        .endsWith(",\"checks\":{\"database\":true,\"cache\":true}}"));
    }

    @Test
    void aCheckThatThrowsOrDoesNotReturnFailsAndIsNotStartedTwice() {
        Semaphore gate = new Semaphore(0);
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger calls = new AtomicInteger();
        Live live = start(builder -> builder.ready("stuck", () -> {
                    begun.incrementAndGet();
                    gate.acquire();
                    return true;
                })
                .ready("broken", () -> {
                    calls.incrementAndGet();
                    throw new IllegalStateException("asked to fail");
                }));
        withHealthyClient(live);
        Live.eventually().untilAsserted(() -> {
            assertThat(gets(live, "/health").body()).endsWith(",\"checks\":{\"stuck\":false,\"broken\":false}}");
            assertThat(calls).as("number of calls of the checks").hasValueGreaterThan(1);
        });
        assertThat(begun).hasValue(1);
        gate.release(100);
        Live.eventually()
                .untilAsserted(() -> assertThat(gets(live, "/health").body()).contains("\"stuck\":true"));
    }
}
