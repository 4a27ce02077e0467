package io.heliodor.process.engine;

import static io.heliodor.process.engine.Nodes.SECOND;
import static io.heliodor.process.engine.Nodes.eventually;
import static io.heliodor.process.engine.Nodes.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.RecordedLog;
import io.heliodor.process.Pid;
import io.heliodor.pubsub.Correlation;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.MDC;

/** The lines in the log, and their number. */
@Timeout(60)
class LogTests {
    /** One name for each test, so that each finds its own lines. */
    record Flooded(int number) {}

    record Unread(int number) {}

    record Other(String text) {}

    record Failing(String text) {}

    record Crashing() {}

    @AutoClose
    private final Nodes nodes =
            new Nodes(new ProcessLimits(10, 2, 10, 10, Duration.ofMillis(50), Duration.ofSeconds(5)));

    private final Nodes.One a = nodes.alone("a");
    private final Nodes.One b = nodes.alone("b");

    @Test
    void aFullInboxIsLoggedOnceUntilItWasEmptyAgain() {
        var gates = new CountDownLatch[] {new CountDownLatch(1), new CountDownLatch(1)};
        var empty = new CountDownLatch(2);
        Pid<Flooded> pid = a.processes.spawn(Type.of(Flooded.class), inbox -> {
            for (CountDownLatch gate : gates) {
                gate.await();
                inbox.receive();
                inbox.receive();
                empty.countDown();
            }
            inbox.receive();
        });
        for (int i = 0; i < 10; i++) {
            pid.send(new Flooded(i));
        }
        assertThat(RecordedLog.linesAbout("1 Flooded is full")).hasSize(1);
        gates[0].countDown();
        eventually().until(() -> empty.getCount() == 1);
        for (int i = 0; i < 10; i++) {
            pid.send(new Flooded(i));
        }
        assertThat(RecordedLog.linesAbout("1 Flooded is full")).hasSize(2);
        assertThat(a.count(NodeCounter.INBOX_DROPPED)).isEqualTo(16);
        gates[1].countDown();
    }

    @Test
    void unreadableMessagesAreLoggedAtARate() {
        nodes.join(a, b);
        Pid<Unread> pid = b.processes.spawn(Type.of(Unread.class), inbox -> {
            while (true) {
                inbox.receive();
            }
        });
        Pid<Other> wrong = a.processes.pid(Processes.idOf(pid), Type.of(Other.class));
        for (int i = 1; i <= 25; i++) {
            int sent = i;
            wrong.send(new Other("x"));
            eventually().until(() -> b.count(NodeCounter.UNDECODABLE) == sent);
        }
        assertThat(RecordedLog.linesAbout("1 Unread received an unreadable message"))
                .hasSize(20);
        nodes.time.advance(SECOND);
        wrong.send(new Other("x"));
        eventually()
                .until(() -> RecordedLog.linesAbout("1 Unread received an unreadable message")
                                .size()
                        == 21);
    }

    @Test
    void processesThatFailAreLoggedAtARate() {
        for (int i = 1; i <= 30; i++) {
            int begun = i;
            Pid<Crashing> pid = a.processes.spawn(Type.of(Crashing.class), inbox -> {
                inbox.receive();
                throw new IllegalStateException("a message\nof another node");
            });
            pid.send(new Crashing());
            eventually().until(() -> a.count(NodeCounter.PROCESSES_FAILED) == begun && a.processes.count() == 0);
        }
        assertThat(RecordedLog.linesAbout(" Crashing has failed")).hasSize(20);
    }

    @Test
    void listenersThatFailAreLoggedAtARate() {
        var failed = new CountDownLatch(30);
        for (int i = 0; i < 30; i++) {
            a.processes.monitorNode("unheard of@local", _ -> {
                failed.countDown();
                throw new UnsupportedOperationException("as told");
            });
        }
        eventually().until(() -> failed.getCount() == 0);
        eventually().until(() -> RecordedLog.linesAbout("unheard of@local").size() == 20);
    }

    @Test
    void aTraceLeavesTheIdOfTheLoggingContext() {
        MDC.put("correlationId", "of a connection");
        try (var _ = Correlation.traced(
                new Correlation.Trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", ""))) {
            assertThat(MDC.get("correlationId")).isEqualTo("of a connection");
        }
        assertThat(MDC.get("correlationId")).isEqualTo("of a connection");
        MDC.remove("correlationId");
    }

    @Test
    void theCorrelationIdIsInTheLoggingContextWhileAMessageIsHandled() {
        var seen = new CompletableFuture<String>();
        Pid<Failing> pid = a.processes.spawn(Type.of(Failing.class), inbox -> {
            inbox.receive();
            String during = MDC.get("correlationId");
            inbox.receive();
            seen.complete(during + " " + MDC.get("correlationId"));
            inbox.receive();
            throw new IllegalStateException("as told");
        });
        try (var _ = Correlation.with("abc")) {
            assertThat(MDC.get("correlationId")).isEqualTo("abc");
            pid.send(new Failing("x"));
        }
        assertThat(MDC.get("correlationId")).isNull();
        pid.send(new Failing("x"));
        assertThat(soon(seen)).isEqualTo("abc null");
        try (var _ = Correlation.with("def")) {
            pid.send(new Failing("x"));
        }
        eventually()
                .untilAsserted(() -> assertThat(RecordedLog.linesAbout("1 Failing has failed"))
                        .extracting(RecordedLog.Line::correlation)
                        .containsExactly("def"));
    }
}
