package io.heliodor.transport.longpoll;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.transport.FaultySessions;
import io.heliodor.transport.http.ConnectionPermits;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sessions of a process that was stopped: its timers run before it reads what came meanwhile. */
class PollPauseTests extends FaultySessions {
    /** A poll with its response. */
    private static final class Recorded implements Poll {
        final List<String> answers = new ArrayList<>();

        @Override
        public void sessionEnded() {
            answers.add("ended");
        }

        @Override
        public void dropHead() {}

        @Override
        public void onDisconnect(Runnable task) {}

        @Override
        public void answer(byte[] json, Consumer<Boolean> taken) {
            answers.add(new String(json, StandardCharsets.UTF_8));
            taken.accept(true);
        }
    }

    private long now;

    private final PollSessions polls =
            new PollSessions(PollLimits.defaults(), hub.endpoints().self(), () -> now);
    private PollConnection connection;

    @BeforeEach
    void connect() {
        channel.freezeTime();
        connection = polls.add(
                InetAddress.getLoopbackAddress(),
                token -> new PollConnection(
                        polls,
                        token,
                        ConnectionPermits.Unlimited.UNLIMITED,
                        "/socket",
                        lane,
                        channel.eventLoop(),
                        hub.counters(),
                        1 << 20,
                        this::session));
        connection.open();
    }

    private Recorded polls() {
        Recorded poll = new Recorded();
        connection.poll(poll);
        return poll;
    }

    private void passes(Duration time) {
        now += time.toNanos();
        channel.advanceTimeBy(time.toMillis(), TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
    }

    private boolean hasEnded() {
        return sessions.getFirst().closed();
    }

    @Test
    void aPollThatIsAnsweredAfterAPauseLeavesTheUsualTimeForTheNext() {
        Recorded parked = polls();
        passes(Duration.ofMinutes(1));
        assertThat(parked.answers).singleElement().asString().contains("204");
        passes(Duration.ofSeconds(4));
        assertThat(hasEnded()).isFalse();
        assertThat(polls().answers).isEmpty();
        passes(Duration.ofSeconds(14));
        assertThat(hasEnded()).isFalse();
    }

    @Test
    void aPollThatCameDuringAPauseIsReadBeforeTheSessionEnds() {
        assertThat(hasEnded()).isFalse();
        passes(Duration.ofMinutes(1));
        assertThat(hasEnded()).isFalse();
        assertThat(polls().answers).isEmpty();
        passes(Duration.ofSeconds(5));
        assertThat(hasEnded()).isFalse();
    }

    @Test
    void aClientThatPollsNoMoreEndsAfterSixteenSeconds() {
        passes(Duration.ofSeconds(15));
        assertThat(hasEnded()).isFalse();
        passes(Duration.ofMillis(999));
        assertThat(hasEnded()).isFalse();
        passes(Duration.ofMillis(1));
        assertThat(hasEnded()).isTrue();
    }

    @Test
    void sessionsTakeAQuarterOfTheMemoryOfClients() {
        assertThat(PollLimits.defaults().within(256L << 20).sessions()).isEqualTo(21_845);
        assertThat(PollLimits.defaults().within(Long.MAX_VALUE).sessions()).isEqualTo(100_000);
        assertThat(PollLimits.defaults().within(1).sessions()).isEqualTo(1);
    }
}
