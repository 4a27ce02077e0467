package io.heliodor.transport.longpoll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.heliodor.fixtures.RecordedLog;
import io.heliodor.transport.FaultySessions;
import io.heliodor.transport.frame.ClientFrames;
import io.heliodor.transport.http.ConnectionPermits;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** Faults of the server in long polling: each ends its session, and is counted and logged once. */
class FaultTests extends FaultySessions {
    private PollConnection polling(ConnectionPermits.Permit place, PollLimits limits) {
        PollSessions polls = new PollSessions(limits, hub.endpoints().self());
        PollConnection connection = polls.add(
                InetAddress.getLoopbackAddress(),
                token -> new PollConnection(
                        polls,
                        token,
                        place,
                        "/socket",
                        lane,
                        channel.eventLoop(),
                        hub.counters(),
                        1 << 20,
                        this::session));
        connection.open();
        return connection;
    }

    private static PollSend post(List<Integer> answers) {
        var messages = (PollBody.Messages) PollBody.read("application/x-ndjson", ClientFrames.utf8("[1]\n[2]"), 100);
        return new PollSend(messages.messages(), answers::add);
    }

    @Test
    void aFaultInAPostEndsTheSessionAndThePostIsAnswered() {
        PollConnection connection = polling(ConnectionPermits.Unlimited.UNLIMITED, PollLimits.defaults());
        List<Integer> answers = new ArrayList<>();
        assertThatCode(() -> connection.post(post(answers))).doesNotThrowAnyException();
        assertThat(answers).containsExactly(410);
        assertThat(sessions.getFirst().closed()).isTrue();
        isCountedAndLoggedOnce();
    }

    @Test
    void aFaultInATimerOfASessionThatPollsIsLogged() {
        channel.freezeTime();
        ConnectionPermits.Permit faulty = () -> {
            throw new IllegalStateException("on purpose");
        };
        PollConnection connection = polling(faulty, PollLimits.defaults().inactive(Duration.ofNanos(1)));
        assertThat(connection.writable()).isTrue();
        channel.advanceTimeBy(1, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertThat(sessions.getFirst().closed()).isTrue();
        assertThat(RecordedLog.lines(Level.ERROR, "fault of the server")).hasSize(1);
    }
}
