package io.heliodor.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Empty;
import io.heliodor.fixtures.Page;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.pubsub.PubSub;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The page of a real server: who gets it, its headers and its files. */
@Timeout(60)
class PageTests {
    private static final String TOKEN = "a-token.for_these~tests";
    private static final Pattern LOADED = Pattern.compile("(?:src|href)=\"(/[^\"#]+)\"");
    private static final Pattern IMPORTED = Pattern.compile("from \"\\./([^\"]+)\"");

    private final PubSub pubsub = PubSub.local();
    private final Dashboard dashboard = Dashboard.over(pubsub).token(TOKEN).build();
    private final HttpClient http = HttpClient.newHttpClient();
    private @Nullable Endpoint endpoint;

    @AfterEach
    void close() {
        if (endpoint != null) {
            endpoint.close();
        }
        dashboard.close();
        pubsub.close();
        http.close();
    }

    private Endpoint start(UnaryOperator<Endpoint.Builder> change) {
        UserSocket<Object> socket = UserSocket.open()
                .channel("room:*", Channel.join(_ -> Join.ok(Empty.EMPTY)).build())
                .build();
        Endpoint started = change.apply(Endpoint.builder()
                        .host("127.0.0.1")
                        .port(0)
                        .pubsub(pubsub)
                        .socket("/socket", socket))
                .build()
                .start();
        endpoint = started;
        return started;
    }

    private HttpResponse<String> send(String method, int port, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return http.send(request, BodyHandlers.ofString());
    }

    private HttpResponse<String> get(int port, String path) throws IOException, InterruptedException {
        return send("GET", port, path);
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    private static void isClosedToOthers(HttpResponse<?> response) {
        assertThat(header(response, "cache-control")).isEqualTo("no-store");
        assertThat(header(response, "referrer-policy")).isEqualTo("no-referrer");
        assertThat(header(response, "x-frame-options")).isEqualTo("DENY");
        assertThat(header(response, "x-content-type-options")).isEqualTo("nosniff");
        assertThat(header(response, "content-security-policy"))
                .startsWith("default-src 'none'; script-src 'self'; style-src 'self';")
                .contains("frame-ancestors 'none'")
                .doesNotContain("unsafe");
    }

    @Test
    void theAddressWithTheTokenIsThePage() throws Exception {
        int port = start(dashboard::mountOn).port();
        assertThat(dashboard.path()).isEqualTo("/dashboard?token=" + TOKEN);
        HttpResponse<String> page = get(port, dashboard.path());
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(header(page, "content-type")).isEqualTo("text/html; charset=utf-8");
        assertThat(page.body()).contains("<title>Heliodor dashboard</title>").doesNotContain(TOKEN);
        isClosedToOthers(page);
    }

    @Test
    void headHasTheSameHeadersAndNoBody() throws Exception {
        int port = start(dashboard::mountOn).port();
        HttpResponse<String> page = get(port, dashboard.path());
        HttpResponse<String> head = send("HEAD", port, dashboard.path());
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(header(head, "content-length")).isEqualTo(header(page, "content-length"));
        isClosedToOthers(head);
        assertThat(send("HEAD", port, "/dashboard").statusCode()).isEqualTo(401);
        assertThat(send("POST", port, dashboard.path()).statusCode()).isEqualTo(405);
    }

    @Test
    void anotherTokenOrNoneIsRefused() throws Exception {
        int port = start(dashboard::mountOn).port();
        for (String query : new String[] {
            "", "?token=", "?token=" + TOKEN + "x", "?token=" + TOKEN.toUpperCase(Locale.ROOT), "?Token=" + TOKEN
        }) {
            HttpResponse<String> refused = get(port, "/dashboard" + query);
            assertThat(refused.statusCode()).as(query).isEqualTo(401);
            assertThat(header(refused, "www-authenticate")).isEqualTo("Bearer");
            assertThat(refused.body()).contains("Token needed").doesNotContain(TOKEN);
            isClosedToOthers(refused);
        }
    }

    @Test
    void eachFileThatThePageLoadsIsServedAndLoadsNothingFromElsewhere() throws Exception {
        int port = start(dashboard::mountOn).port();
        Set<String> paths = new LinkedHashSet<>();
        for (String page : new String[] {dashboard.path(), "/dashboard"}) {
            String html = get(port, page).body();
            assertThat(html).doesNotContain("//");
            LOADED.matcher(html).results().forEach(found -> paths.add(found.group(1)));
        }
        assertThat(paths).contains("/dashboard/app.mjs", "/dashboard/unauthorized.mjs", "/dashboard/style.css");
        for (Set<String> next = new LinkedHashSet<>(paths); !next.isEmpty(); ) {
            Set<String> imports = new LinkedHashSet<>();
            for (String path : next) {
                HttpResponse<String> file = get(port, path);
                assertThat(file.statusCode()).as(path).isEqualTo(200);
                if (path.endsWith(".mjs")) {
                    assertThat(header(file, "content-type")).as(path).isEqualTo("text/javascript; charset=utf-8");
                    IMPORTED.matcher(file.body())
                            .results()
                            .forEach(found -> imports.add("/dashboard/" + found.group(1)));
                }
                if (!path.contains("phoenix") && !path.contains("/socket/")) {
                    assertThat(file.body()).as(path).doesNotContain("innerHTML").doesNotContain("https:");
                }
            }
            imports.removeAll(paths);
            paths.addAll(imports);
            next = imports;
        }
        assertThat(paths).contains("/dashboard/phoenix.mjs", "/dashboard/socket/heliodor.mjs");
    }

    @Test
    void withAManagementAddressAllOfItIsThere() throws Exception {
        Endpoint started = start(builder -> dashboard.mountOn(builder.management("127.0.0.1", 0)));
        int management = started.managementPort();
        assertThat(get(management, dashboard.path()).statusCode()).isEqualTo(200);
        assertThat(get(management, "/dashboard/socket/heliodor.mjs").statusCode())
                .isEqualTo(200);
        assertThat(get(started.port(), dashboard.path()).statusCode()).isEqualTo(404);
        assertThat(get(started.port(), "/dashboard/socket/heliodor.mjs").statusCode())
                .isEqualTo(404);
        assertThatThrownBy(() -> connect(started.port(), TOKEN)).isInstanceOf(CompletionException.class);
        assertThat(overview(management)).contains("\"status\":\"ok\"", "\"connections\":0");
    }

    @Test
    void theOverviewOfAServerHasItsDirectMemory() throws Exception {
        assertThat(overview(start(dashboard::mountOn).port()))
                .containsPattern("\"directMemory\":\\{\"used\":\\d+,\"limit\":[1-9]\\d+}")
                .contains("\"replication\":null");
    }

    @Test
    void withoutADashboardThereIsNone() throws Exception {
        int port = start(UnaryOperator.identity()).port();
        assertThat(get(port, dashboard.path()).statusCode()).isEqualTo(404);
        assertThatThrownBy(() -> connect(port, TOKEN)).isInstanceOf(CompletionException.class);
    }

    @Test
    void theTokenIsInNoLineOfTheLog() throws Exception {
        RecordedLog.clear();
        int port = start(dashboard::mountOn).port();
        get(port, dashboard.path());
        get(port, "/dashboard?token=" + TOKEN + "x");
        assertThat(overview(port)).contains("\"status\":\"ok\"");
        assertThat(RecordedLog.lines()).isNotEmpty();
        assertThat(RecordedLog.linesAbout(TOKEN)).isEmpty();
        assertThat(AccessToken.of(TOKEN).toString()).doesNotContain(TOKEN);
    }

    @Test
    void aWrongTokenIsAnAuditEventAndAReloadWithoutOneIsNot() throws Exception {
        RecordedLog.clear();
        int port = start(dashboard::mountOn).port();
        get(port, dashboard.path());
        get(port, "/dashboard");
        assertThat(RecordedLog.linesAbout("dashboard_refused")).isEmpty();
        get(port, "/dashboard?token=" + TOKEN + "x");
        assertThat(RecordedLog.linesAbout("dashboard_refused node=\"local\" address=\"127.0.0.1\""))
                .hasSize(1)
                .noneMatch(line -> line.text().contains(TOKEN));
    }

    @Test
    void aPageWithAnotherTokenGetsARefusalAndNothingElse() throws Exception {
        int port = start(dashboard::mountOn).port();
        Page page = connect(port, TOKEN + "x");
        assertThat(page.receives()).contains("\"refused\"", "\"status\":401");
        page.sends("heliodor:dashboard", "phx_join", "{}");
        assertThat(page.receives()).isEqualTo("closed with 4401");
    }

    @Test
    void pagesOfTheDashboardAreNoConnectionsOfTheApplication() throws Exception {
        int port = start(dashboard::mountOn).port();
        try (Page other = connect(port, TOKEN)) {
            assertThat(other.join("heliodor:dashboard")).contains("\"status\":\"ok\"");
            assertThat(overview(port)).contains("\"connections\":0", "\"channels\":0", "\"topics\":0");
            assertThat(other.asks("heliodor:dashboard", "topics", "{\"text\":\"\"}"))
                    .contains("\"status\":\"ok\"")
                    .doesNotContain("\"topic\":\"heliodor:dashboard\"");
        }
    }

    @Test
    void aTokenIsLongEnoughForASecretAndRandomByDefault() {
        Dashboard.Builder builder = Dashboard.over(pubsub);
        for (String wrong :
                new String[] {"", "fifteen-letters", "with spaces in it", "x".repeat(257), "zwölf-und-vier-mehr"}) {
            assertThatThrownBy(() -> builder.token(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("16 to 256");
        }
        assertThat(AccessToken.random().text())
                .hasSize(43)
                .isNotEqualTo(AccessToken.random().text());
    }

    private static Page connect(int port, String token) {
        return Page.signedIn(port, "/dashboard/socket", token);
    }

    /** The reply to the call of a page. */
    private static String overview(int port) throws InterruptedException {
        try (Page page = connect(port, TOKEN)) {
            assertThat(page.join("heliodor:dashboard")).contains("\"status\":\"ok\"");
            return page.asks("heliodor:dashboard", "overview", "{}");
        }
    }
}
