package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.event.Level;

/** The management address. */
class ManagementTests extends LiveTest {
    private Live managed(UnaryOperator<Endpoint.Builder> change) {
        return start(builder -> change.apply(
                builder.management("127.0.0.1", 0).get("/metrics", request -> new Text("text/plain", "one"))));
    }

    private RawClient.Response publicly(Live live, String path) {
        return connect(live).send(RawClient.get(path)).response();
    }

    private RawClient.Response managing(Live live, String path) {
        return closing(RawClient.connect(live.endpoint.managementPort(), 0))
                .send(RawClient.get(path))
                .response();
    }

    @Test
    void textsAndDetailsOfHealthAreServedThereOnly() {
        Live live = managed(builder -> builder.ready("database", () -> true));
        assertThat(publicly(live, "/metrics").status()).isEqualTo(404);
        assertThat(publicly(live, "/health").body()).isEqualTo("{\"status\":\"up\"}");
        assertThat(managing(live, "/metrics").body()).isEqualTo("one");
        assertThat(managing(live, "/health").body()).contains("\"connections\":0", "\"database\":true");
    }

    @Test
    void anEndpointThatIsNotReadyIsRefusedAtBoth() {
        Live live = managed(builder -> builder.ready("database", () -> false));
        assertThat(publicly(live, "/health").body()).isEqualTo("{\"status\":\"unready\"}");
        assertThat(publicly(live, "/health").status()).isEqualTo(503);
        assertThat(managing(live, "/health").status()).isEqualTo(503);
    }

    @Test
    void socketsAndFilesAreNotServedThere(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("app.js"), "run()");
        Live live = managed(builder -> builder.files("/", folder));
        assertThat(publicly(live, "/app.js").body()).isEqualTo("run()");
        open(live).joins("room:a");
        assertThat(managing(live, "/app.js").status()).isEqualTo(404);
        assertThat(managing(live, "/socket/longpoll?vsn=2.0.0").status()).isEqualTo(404);
        assertThat(closing(RawClient.connect(live.endpoint.managementPort(), 0))
                        .send(RawClient.upgradeRequest(""))
                        .response()
                        .status())
                .isEqualTo(404);
    }

    private static UserSocket<Object> operators() {
        return UserSocket.open()
                .channel("operators", Channel.join(_ -> Join.ok(Empty.EMPTY)).build())
                .build();
    }

    @Test
    void aSocketOfOperatorsIsServedThereOnly() {
        Live live = managed(builder -> builder.managementSocket("/operators", operators()));
        String upgrade = RawClient.upgradeRequest("").replace("/socket/", "/operators/");
        assertThat(closing(RawClient.connect(live.endpoint.managementPort(), 0))
                        .send(upgrade)
                        .response()
                        .status())
                .isEqualTo(101);
        assertThat(connect(live).send(upgrade).response().status()).isEqualTo(404);
    }

    @Test
    void aSocketOfOperatorsIsServedAtThePortWithoutAManagementAddress() {
        Live live = start(builder -> builder.managementSocket("/operators", operators()));
        assertThat(connect(live)
                        .send(RawClient.upgradeRequest("").replace("/socket/", "/operators/"))
                        .response()
                        .status())
                .isEqualTo(101);
    }

    @Test
    void twoSocketsHaveTwoPaths() {
        assertThatThrownBy(() -> Endpoint.builder()
                        .socket("/operators", operators())
                        .managementSocket("/operators", operators()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/operators");
        assertThatThrownBy(() -> Endpoint.builder()
                        .managementSocket("/operators", operators())
                        .socket("/operators", operators()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void hostsAndProxiesOfTheEndpointDoNotHoldThere() {
        Live live = managed(builder ->
                builder.hosts("app.example.com").trustedProxies("127.0.0.1").proxyProtocol(true));
        assertThat(managing(live, "/metrics").body()).isEqualTo("one");
    }

    private int status(int port, String host) {
        return closing(RawClient.connect(port, 0))
                .send("GET /metrics HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                .response()
                .status();
    }

    @Test
    void aPageWhoseNameWasLedThereIsRefused() {
        Live live = managed(UnaryOperator.identity());
        for (String host : new String[] {"evil.example", "evil.example:9090", "rebind.svc.example", "127.1"}) {
            assertThat(status(live.endpoint.managementPort(), host)).as(host).isEqualTo(403);
        }
        assertThat(live.count("refused_host")).isEqualTo(4);
        assertThat(RecordedLog.lines(Level.WARN, "management(host, port, \"evil.example\")"))
                .hasSize(2);
    }

    @Test
    void probesScrapersAndOperatorsAreServed() {
        Live live = start(builder -> builder.management("127.0.0.1", 0, "ops.example.com", "*.corp.example")
                .get("/metrics", request -> new Text("text/plain", "one")));
        for (String host : new String[] {
            "10.1.2.3:9090",
            "[fd00::1]:9090",
            "localhost:9090",
            "heliodor:9090",
            "chat.default.svc",
            "chat.default.svc.cluster.local:9090",
            "node-1.europe.internal",
            "ops.example.com",
            "a.corp.example"
        }) {
            assertThat(status(live.endpoint.managementPort(), host)).as(host).isEqualTo(200);
        }
    }

    @Test
    void theNameOfItsAddressIsServed() {
        Live live = start(builder ->
                builder.management("localhost", 0).get("/metrics", request -> new Text("text/plain", "one")));
        assertThat(status(live.endpoint.managementPort(), "LOCALHOST.")).isEqualTo(200);
    }

    @Test
    void aLoopbackAddressServesNoForeignNameUnlessAProxyPassesItOn() {
        Live live =
                start(builder -> builder.host("127.0.0.1").get("/metrics", request -> new Text("text/plain", "one")));
        assertThat(status(live.endpoint.port(), "evil.example")).isEqualTo(403);
        assertThat(RecordedLog.lines(Level.WARN, ".hosts(\"evil.example\")")).hasSize(1);
        assertThat(status(live.endpoint.port(), "localhost:4000")).isEqualTo(200);
        Live proxied = start(builder -> builder.host("127.0.0.1")
                .trustedProxies("127.0.0.1")
                .get("/metrics", request -> new Text("text/plain", "one")));
        assertThat(connect(proxied)
                        .send("GET /metrics HTTP/1.1\r\nHost: app.example.com\r\n\r\n")
                        .response()
                        .status())
                .isEqualTo(200);
    }

    @Test
    void silentConnectionsToThePortDoNotCountThere() {
        Live live = managed(builder ->
                builder.limits(Limits.openInternet().connections(limits -> limits.maxHandshakesOfLoopback(1))));
        connect(live);
        connect(live);
        live.awaitCount("refused_handshakes", 1);
        assertThat(managing(live, "/health").status()).isEqualTo(200);
    }

    @Test
    void aTakenManagementPortIsReportedAndTheOtherPortIsFreeAgain() {
        Live live = managed(UnaryOperator.identity());
        int taken = live.endpoint.managementPort();
        assertThatThrownBy(() -> Live.start(transport, builder -> builder.management("127.0.0.1", taken)))
                .isInstanceOfSatisfying(
                        PortInUseException.class, e -> assertThat(e.port()).isEqualTo(taken));
    }

    @Test
    void anEndpointWithoutAManagementAddressHasNoPortOfIt() {
        assertThatThrownBy(() -> start().endpoint.managementPort())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("management(host, port)");
        assertThatThrownBy(() -> Endpoint.builder().management("127.0.0.1", 65_536))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anAddressIsLoggedAsInAUrl() {
        start(builder -> builder.host("::1").management("::1", 0));
        assertThat(RecordedLog.lines(Level.INFO, "The endpoint listens on http://[::1]:"))
                .hasSize(1);
        assertThat(RecordedLog.lines(Level.INFO, "The management address is http://[::1]:"))
                .hasSize(1);
    }
}
