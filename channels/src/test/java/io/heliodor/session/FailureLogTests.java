package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.SlowPolicy;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.session.telemetry.Counter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** Clients that cause the same failure of a handler again and again: no client fills the log. */
class FailureLogTests {
    private static final int FAILURES = 100;

    /** The lines of one failure at once; a rate of one a second follows, and the clock of a test may pass some. */
    private static final int MAX_LINES = 60;

    @AutoClose
    private final TestServer server = new TestServer();

    private final Client client;

    {
        server.serve(
                "room:*",
                Channel.join(join -> {
                            if (join.topic().startsWith("room:refused")) {
                                throw new IllegalArgumentException("asked to fail");
                            }
                            return Join.ok("a");
                        })
                        .onLeave((why, room) -> {
                            throw new UncheckedIOException(new IOException("asked to fail"));
                        })
                        .on(Chat.SAY, (text, room) -> {
                            throw new IllegalStateException("asked to fail");
                        })
                        .build());
        server.serve(
                "keys:*",
                Channel.join(join -> Join.ok("a"))
                        .on(Chat.SAY, (text, room) -> room.broadcast(Chat.SAY, text))
                        .whenSlow(Chat.SAY, SlowPolicy.latest(text -> {
                            throw new IllegalStateException("asked to fail");
                        }))
                        .build());
        client = server.connect();
        client.isCareless();
    }

    private static List<RecordedLog.Line> lines(String fragment) {
        return RecordedLog.lines(Level.ERROR, fragment);
    }

    @Test
    void failuresOfHandlersAndLeaveHooksAreLoggedAtARateForEachClass() {
        for (int i = 0; i < FAILURES; i++) {
            client.sends("['%d','%d','room:failing-%d','phx_join',{}]".formatted(i, i, i));
            client.sends("['%d','8','room:failing-%d','say',{'text':'a'}]".formatted(i, i));
            int failed = i + 1;
            server.await(() -> server.count(Counter.CHANNELS_FAILED) == failed, () -> "failures");
            server.settle();
            client.forgets();
        }
        assertThat(lines("failed in the handler of 'say'")).hasSizeBetween(20, MAX_LINES);
        assertThat(lines("The leave hook of room:failing")).hasSizeBetween(20, MAX_LINES);
    }

    @Test
    void failuresOfTheKeysOfSlowPoliciesAreLoggedAtARate() {
        client.joins("3", "keys:1");
        for (int i = 0; i < FAILURES; i++) {
            client.sends("['3','8','keys:1','say',{'text':'a'}]");
        }
        server.await(() -> client.messagesTaken() >= FAILURES, client::toString);
        assertThat(lines("The key of 'say' on keys:1")).hasSizeBetween(20, MAX_LINES);
    }

    @Test
    void failuresOfJoinHandlersAreLoggedAtARate() {
        for (int i = 0; i < FAILURES; i++) {
            client.sends("['%d','%d','room:refused-%d','phx_join',{}]".formatted(i, i, i));
        }
        server.await(() -> client.messagesTaken() == FAILURES, client::toString);
        server.settle();
        assertThat(lines("Join of room:refused")).hasSizeBetween(20, MAX_LINES);
    }

    @Test
    void theFirstEventsWithoutAHandlerAreLoggedOnceEachWithTheOneThatWasMeant() {
        client.sends("['1','1','room:1','phx_join',{}]");
        for (int i = 0; i < 3; i++) {
            client.sends("['1','2','room:1','sya',{}]");
        }
        for (int i = 0; i < 2 * FAILURES; i++) {
            client.sends("['1','3','room:1','other-%d',{}]".formatted(i));
        }
        server.await(() -> server.count(Counter.EVENTS_UNHANDLED) == 2 * FAILURES + 3, () -> "events");
        server.settle();
        assertThat(RecordedLog.lines(Level.WARN, "Channel room:* has no handler for the event"))
                .hasSize(100)
                .first()
                .satisfies(line -> assertThat(line.text())
                        .isEqualTo(
                                "Channel room:* has no handler for the event 'sya' of a client. Did you mean 'say'? This is logged"
                                        + " once for each name."));
    }
}
