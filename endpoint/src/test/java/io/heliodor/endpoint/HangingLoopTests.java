package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.RecordedLog;
import io.heliodor.transport.StopTimeouts;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** The stop of an endpoint one of whose event loops hangs in code of the application. */
class HangingLoopTests extends LiveTest {
    private static final SSLContext CLIENT = TestCertificate.trusting(TestCertificate.FIRST);

    private final SSLContext certificate = TestCertificate.FIRST.serving();
    private final CountDownLatch hangs = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile boolean hang;

    private Live start(int loops) {
        return start(builder -> builder.loops(loops)
                .tls(Tls.of(this::context))
                .stop(new StopTimeouts(Duration.ofMillis(200), Duration.ofMillis(100))));
    }

    /** The event loops call it for each connection; it must not block. */
    private SSLContext context() {
        if (hang) {
            hangs.countDown();
            while (end.getCount() > 0) {
                try {
                    end.await();
                } catch (InterruptedException ignored) {
                    // It hangs.
                }
            }
        }
        return certificate;
    }

    @AfterEach
    void goOn() {
        end.countDown();
        Live.eventually()
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("heliodor-loop")));
    }

    private RawClient member(Live live) {
        return closing(RawClient.connectTls(live.endpoint, 0, CLIENT))
                .upgrade("")
                .joins("room:a");
    }

    private void hangs(Live live) throws InterruptedException {
        hang = true;
        connect(live);
        hangs.await();
    }

    private void closes(Live live) {
        CompletableFuture<Void> closed = CompletableFuture.runAsync(live.endpoint::close, Thread::startVirtualThread);
        assertThat(closed).succeedsWithin(Duration.ofMillis(RawClient.DEADLINE_MILLIS));
        assertThat(live.endpoint.isRunning()).isFalse();
        assertThat(RecordedLog.lines(Level.WARN, "The drain did not end within"))
                .hasSize(1);
    }

    @Test
    void aCloseEndsByItsDeadlines() throws InterruptedException {
        Live live = start(1);
        member(live);
        hangs(live);
        closes(live);
    }

    @Test
    void clientsOfOtherLoopsAreClosedInOrder() throws InterruptedException {
        Live live = start(2);
        member(live);
        member(live);
        hangs(live);
        closes(live);
        assertThat(live.count("closed_draining")).isEqualTo(1);
    }
}
