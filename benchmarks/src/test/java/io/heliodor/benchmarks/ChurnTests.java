package io.heliodor.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.benchmarks.FakeServer.Mistakes;
import io.heliodor.benchmarks.traffic.TrafficServer;
import io.heliodor.endpoint.Endpoint;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("long")
class ChurnTests {
    private static final double ALMOST_NEVER = 0.001;

    /** A fake room with a history that recovers nothing. */
    private static class Forgetful implements Mistakes {
        @Override
        public String joinReply(int member) {
            return "{\"status\":\"ok\",\"response\":{\"history\":{\"token\":\"@t\",\"recovered\":false}}}";
        }
    }

    private static ChurnResult run(Target target, int connections, int rooms, double churn) throws Exception {
        Plan plan = new Plan(
                connections, 0, rooms, 100, 5_000, Duration.ZERO, Duration.ofMillis(800), Duration.ofSeconds(30));
        return ChurnRun.of(
                Map.of("churn", churn),
                plan,
                100,
                churn,
                Duration.ofMillis(200),
                new Server.Running(List.of(target), List.of()),
                Optional.empty(),
                new Progress(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8), false));
    }

    private static ChurnResult run(Mistakes mistakes, double churn) throws Exception {
        try (FakeServer server = new FakeServer(mistakes)) {
            return run(server.target(), 4, 1, churn);
        }
    }

    @Test
    void membersThatComeBackGetTheMessagesOfTheMeantime() throws Exception {
        try (Endpoint endpoint = new TrafficServer().start()) {
            ChurnResult result = run(Target.of("http://127.0.0.1:" + endpoint.port()), 12, 3, 20);
            assertThat(result.clean()).as("%s", result).isTrue();
            assertThat(result.comings().left())
                    .isPositive()
                    .isEqualTo(result.comings().recovered());
            assertThat(result.messages().repeated()).isPositive();
            assertThat(result.messages().due()).isEqualTo(result.messages().delivered());
            assertThat(result.text()).contains(" 0 lost, 0 wrong", "came back and missed nothing", "p99.9");
        }
    }

    @Test
    void aServerThatKeepsNothingLosesWhatIsSentMeanwhile() throws Exception {
        ChurnResult result = run(new Forgetful(), 10);
        assertThat(result.messages().lost()).as("%s", result).isPositive();
        assertThat(result.comings().unrecovered())
                .isPositive()
                .isEqualTo(result.comings().left());
        assertThat(result.clean()).isFalse();
    }

    @Test
    void aLostAndARepeatedDeliveryAreCounted() throws Exception {
        ChurnResult result = run(
                new Forgetful() {
                    @Override
                    public int copies(int member, int count) {
                        return member == 2 && count == 3 ? 0 : member == 3 && count == 4 ? 2 : 1;
                    }
                },
                ALMOST_NEVER);
        assertThat(result.messages().lost()).as("%s", result).isEqualTo(1);
        assertThat(result.messages().wrong()).isEqualTo(1);
        assertThat(result.clean()).isFalse();
    }

    @Test
    void aMemberThatDoesNotSeeAnotherIsCounted() throws Exception {
        ChurnResult right = run(new Forgetful(), ALMOST_NEVER);
        assertThat(right.clean()).as("%s", right).isTrue();
        ChurnResult wrong = run(
                new Forgetful() {
                    @Override
                    public boolean getsJoin(int member, String user) {
                        return false;
                    }
                },
                ALMOST_NEVER);
        assertThat(wrong.comings().wrongViews()).as("%s", wrong).isEqualTo(3);
        assertThat(wrong.clean()).isFalse();
    }
}
