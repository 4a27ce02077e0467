package io.heliodor.endpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.fixtures.RecordedLog;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;

/** The module under the path of each socket. */
class BrowserModuleTests extends LiveTest {
    private static final String PATH = "/socket/heliodor.mjs";

    private static RawClient.Response get(RawClient client, String headers) {
        return client.send("GET " + PATH + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n")
                .response();
    }

    @Test
    void eachSocketServesTheModuleOfTheJar() throws IOException {
        String source;
        try (InputStream in = Endpoint.class.getResourceAsStream("/META-INF/resources/heliodor.mjs")) {
            source = new String(in.readAllBytes(), UTF_8);
        }
        UserSocket<Object> other = UserSocket.open()
                .channel("a", Channel.join(join -> Join.ok(Empty.EMPTY)).build())
                .build();
        RawClient client = connect(start(builder -> builder.socket("/admin/live", other)));
        for (String path : new String[] {PATH, "/admin/live/heliodor.mjs", PATH + "?v=1"}) {
            RawClient.Response response = client.send(RawClient.get(path)).response();
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.body()).isEqualTo(source);
            assertThat(response.header("content-type")).isEqualTo("text/javascript; charset=utf-8");
            assertThat(response.header("x-content-type-options")).isEqualTo("nosniff");
            assertThat(response.header("cache-control")).isEqualTo("no-cache");
            assertThat(response.header("vary")).isEqualToIgnoringCase("origin");
            assertThat(response.headers()).doesNotContainKey("access-control-allow-origin");
        }
        assertThat(client.send(RawClient.get("/heliodor.mjs")).response().status())
                .isEqualTo(404);
    }

    @Test
    void aClientThatHasTheModuleGets304() {
        RawClient client = connect(start());
        String tag = get(client, "").header("etag");
        for (String known : new String[] {tag, "W/" + tag, "\"x\", " + tag, "*"}) {
            RawClient.Response response = get(client, "If-None-Match: " + known + "\r\n");
            assertThat(response.status()).isEqualTo(304);
            assertThat(response.header("etag")).isEqualTo(tag);
            assertThat(response.body()).isEmpty();
        }
        assertThat(get(client, "If-None-Match: \"0-0\"\r\n").status()).isEqualTo(200);
    }

    @Test
    void headIsGetWithoutTheBody() {
        RawClient client = connect(start());
        RawClient.Response get = get(client, "");
        RawClient.Response head =
                client.send(RawClient.get(PATH).replace("GET", "HEAD")).response(false);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.headers()).isEqualTo(get.headers());
        assertThat(get(client, "").body()).isEqualTo(get.body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "OPTIONS"})
    void otherMethodsAreNotAllowed(String method) {
        RawClient.Response response = connect(start())
                .send(RawClient.get(PATH).replace("GET", method))
                .response();
        assertThat(response.status()).isEqualTo(405);
        assertThat(response.header("allow")).isEqualTo("GET, HEAD");
    }

    @Test
    void aPageOfAnAllowedOriginMayImportIt() {
        RawClient client = connect(start(builder -> builder.origins("https://app.example.com", "*.example.org")));
        for (String origin : new String[] {"https://app.example.com", "http://a.example.org:8080"}) {
            RawClient.Response response = get(client, "Origin: " + origin + "\r\n");
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.header("access-control-allow-origin")).isEqualTo(origin);
            assertThat(response.header("vary")).isEqualToIgnoringCase("origin");
            RawClient.Response cached =
                    get(client, "Origin: " + origin + "\r\nIf-None-Match: " + response.header("etag") + "\r\n");
            assertThat(cached.status()).isEqualTo(304);
            assertThat(cached.header("access-control-allow-origin")).isEqualTo(origin);
        }
    }

    @Test
    void aPageOfAnotherOriginMayNotAndTheLogHasTheOriginToAllow() {
        Live live = start();
        RawClient.Response response = get(connect(live), "Origin: https://evil.example\r\n");
        assertThat(response.status()).isEqualTo(403);
        assertThat(response.headers()).doesNotContainKey("access-control-allow-origin");
        assertThat(live.count("refused_origin")).isEqualTo(1);
        assertThat(RecordedLog.lines(Level.WARN, ".origins(\"https://evil.example\")"))
                .hasSize(1);
        assertThat(get(connect(live), "Origin: http://localhost\r\n").status()).isEqualTo(200);
    }

    @Test
    void aSocketCannotBeMountedThere() {
        UserSocket<Object> socket = UserSocket.open()
                .channel("a", Channel.join(join -> Join.ok(Empty.EMPTY)).build())
                .build();
        assertThatThrownBy(() -> Endpoint.builder().socket(PATH, socket))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("write /socket");
    }
}
