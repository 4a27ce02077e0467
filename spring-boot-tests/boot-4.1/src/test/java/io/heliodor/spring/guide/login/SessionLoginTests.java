package io.heliodor.spring.guide.login;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.Page;
import io.heliodor.spring.test.LocalHeliodorPort;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.core.env.Environment;

/** Pages with a session, which get a token for the socket and connect with it. */
@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {
            "desk.socket-key=a key of the application itself, with 32 bytes",
            "heliodor.host=127.0.0.1",
            "heliodor.jwt.refuse-after-upgrade=true"
        })
class SessionLoginTests {
    private static final Pattern CSRF = Pattern.compile("name=\"_csrf\"[^>]*value=\"([^\"]+)\"");

    @LocalHeliodorPort
    private int socketPort;

    @Autowired
    private Environment environment;

    /** A browser with its cookies. */
    private final class Browser {
        private final HttpClient http =
                HttpClient.newBuilder().cookieHandler(new CookieManager()).build();

        HttpResponse<String> get(String path) throws IOException, InterruptedException {
            return http.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
        }

        HttpResponse<String> post(String path, String form) throws IOException, InterruptedException {
            return http.send(
                    HttpRequest.newBuilder(uri(path))
                            .header("Content-Type", "application/x-www-form-urlencoded")
                            .POST(BodyPublishers.ofString(form))
                            .build(),
                    BodyHandlers.ofString());
        }

        /** The CSRF token of the form for signing in. */
        String csrf() throws IOException, InterruptedException {
            Matcher field = CSRF.matcher(get("/login").body());
            assertThat(field.find()).isTrue();
            return field.group(1);
        }

        Browser signIn(String name, String password) throws IOException, InterruptedException {
            String form = "username=" + name + "&password=" + password + "&_csrf=" + csrf();
            assertThat(post("/login", form).headers().firstValue("location"))
                    .hasValueSatisfying(at -> assertThat(at).doesNotContain("error"));
            return this;
        }
    }

    private URI uri(String path) {
        int port = environment.getRequiredProperty("local.server.port", Integer.class);
        return URI.create("http://127.0.0.1:" + port + path);
    }

    @Test
    void aPageWithASessionGetsATokenAndConnectsWithIt() throws Exception {
        HttpResponse<String> token = new Browser().signIn("ann", "a").get("/socket-token");
        assertThat(token.statusCode()).isEqualTo(200);
        assertThat(token.headers().firstValue("cache-control"))
                .hasValueSatisfying(value -> assertThat(value).contains("no-store"));
        try (Page page = Page.signedIn(socketPort, token.body())) {
            assertThat(page.join("desk")).contains("{\"name\":\"ann\"}");
            assertThat(page.asks("desk", "close", "{}")).contains("\"ok\"");
        }
        try (Page page = Page.signedIn(
                socketPort, new Browser().signIn("bo", "b").get("/socket-token").body())) {
            assertThat(page.join("desk")).contains("{\"name\":\"bo\"}");
            assertThat(page.asks("desk", "close", "{}")).contains("\"forbidden\"");
        }
    }

    @Test
    void aPageWithoutASessionGetsNoToken() throws Exception {
        HttpResponse<String> response = new Browser().get("/socket-token");
        assertThat(response.statusCode()).isEqualTo(302);
        assertThat(response.headers().firstValue("location"))
                .hasValueSatisfying(at -> assertThat(at).endsWith("/login"));
    }

    @Test
    void aPageWithAnInvalidTokenGetsTheStatus() throws Exception {
        try (Page page = Page.signedIn(socketPort, "a.b.c")) {
            assertThat(page.receives())
                    .contains("\"phoenix\",\"refused\"", "\"status\":401", "\"reason\":\"invalid token\"");
            assertThat(page.receives()).isEqualTo("closed with 4401");
        }
    }
}
