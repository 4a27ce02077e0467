package io.heliodor.playground.top;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.dashboard.Dashboard;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.endpoint.Text;
import io.heliodor.pubsub.PubSub;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/** The command against servers of this JVM. */
@Timeout(60)
class TopCommandTests {
    private static final String TOKEN = "a-token-of-the-operators";
    private static final String METRICS = "heliodor_connections 3\nprocess_uptime_seconds 7\n";

    private final PubSub pubsub = PubSub.local();

    @AutoClose
    private final Dashboard dashboard = Dashboard.over(pubsub).token(TOKEN).build();

    @AutoClose
    private final Endpoint endpoint = dashboard
            .mountOn(Endpoint.builder().port(0).pubsub(pubsub))
            .get("/actuator/prometheus", _ -> new Text("text/plain", METRICS))
            .build()
            .start();

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int top(String path, String... options) {
        CommandLine command = new CommandLine(new TopCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        String[] arguments = new String[options.length + 3];
        arguments[0] = "--once";
        arguments[1] = "--url";
        arguments[2] = "http://127.0.0.1:" + endpoint.port() + path;
        System.arraycopy(options, 0, arguments, 3, options.length);
        return command.execute(arguments);
    }

    @Test
    void theAddressOfADashboardShowsAllNodes() {
        assertThat(top("/dashboard?token=" + TOKEN)).isZero();
        assertThat(out.toString())
                .contains("/dashboard   1 of 1 nodes", "connections              0")
                .doesNotContain(TOKEN);
    }

    @Test
    void anotherTokenIsRefusedInOneLine() {
        assertThat(top("/dashboard?token=" + TOKEN + "x")).isEqualTo(1);
        assertThat(err.toString())
                .endsWith("/dashboard: the token is refused\n")
                .doesNotContain(TOKEN);
    }

    @Test
    void aDashboardIsReadOnceASecondAtMost() {
        assertThat(top("/dashboard?token=" + TOKEN, "--every", "0.5")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("Invalid value for option '--every': 0.5 is not 1 to 3600");
    }

    @Test
    void anAddressWithAPathIsThatOfTheMetrics() {
        assertThat(top("/actuator/prometheus", "--every", "0.1")).isZero();
        assertThat(out.toString()).contains("/actuator/prometheus   up 7 s").containsPattern("connections +3");
    }

    @Test
    void aPathWithoutMetricsIsNamed() {
        assertThat(top("/actuator")).isEqualTo(1);
        assertThat(err.toString())
                .contains("it answers 404 without metrics of Heliodor")
                .hasLineCount(1);
    }
}
