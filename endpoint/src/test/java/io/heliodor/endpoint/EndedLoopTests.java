package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.fixtures.RecordedLog;
import io.heliodor.transport.StopTimeouts;
import io.netty.util.concurrent.Future;
import io.netty.util.internal.ThreadExecutorMap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;

/** The stop of an endpoint one of whose two event loops has ended. */
class EndedLoopTests extends LiveTest {
    private static final SSLContext CLIENT = TestCertificate.trusting(TestCertificate.FIRST);

    private final SSLContext certificate = TestCertificate.FIRST.serving();
    private final CompletableFuture<Future<?>> ended = new CompletableFuture<>();
    private volatile boolean end;

    private Live startTwoLoops() {
        return start(builder -> builder.loops(2)
                .tls(Tls.of(this::context))
                .stop(new StopTimeouts(Duration.ofSeconds(1), Duration.ofMillis(200))));
    }

    /** The event loops call it for each connection. */
    private SSLContext context() {
        if (end) {
            ended.complete(ThreadExecutorMap.currentExecutor().shutdownGracefully(0, 0, TimeUnit.SECONDS));
        }
        return certificate;
    }

    /** The loops take turns at connections: the one that ends has the port, or has not. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void clientsOfTheOtherLoopAreClosedInOrderAndNothingIsLeft(int number) {
        Live live = startTwoLoops();
        List<RawClient> members = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            members.add(closing(RawClient.connectTls(live.endpoint, 0, CLIENT))
                    .upgrade("")
                    .joins("room:a"));
        }
        end = true;
        connect(live);
        assertThat(ended.join().awaitUninterruptibly(RawClient.DEADLINE_MILLIS)).isTrue();
        Live.eventually().until(() -> live.count("loops_stalled") == 1);

        CompletableFuture<Void> closed = CompletableFuture.runAsync(live.endpoint::close, Thread::startVirtualThread);
        members.getLast().isClosedWith(1001);
        assertThat(closed).succeedsWithin(Duration.ofMillis(RawClient.DEADLINE_MILLIS));
        assertThat(live.endpoint.isRunning()).isFalse();
        assertThatThrownBy(() -> live.broadcasts("room:a", "x"))
                .as("a broadcast after the close of the hub")
                .isInstanceOf(IllegalStateException.class);
        Live.eventually()
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("heliodor-loop")));
        assertThat(RecordedLog.lines(Level.WARN, "The drain did not end within"))
                .isEmpty();
        assertThat(RecordedLog.lines(Level.ERROR, "has ended, though the server runs"))
                .hasSize(1);
    }
}
