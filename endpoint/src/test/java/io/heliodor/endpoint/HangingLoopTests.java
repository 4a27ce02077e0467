package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.fixtures.RecordedLog;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** An application that blocks an event loop: a task for the end of a channel runs on it. */
class HangingLoopTests extends LiveTest {
    private static final Duration MAX_CLOSE = Duration.ofMinutes(1);

    private final Semaphore hold = new Semaphore(0);

    @Test
    void aLoopThatHangsIsLoggedAndTheEndpointClosesInSpiteOfIt() throws Exception {
        Live live = start(builder -> builder.loops(1)
                .socket(
                        "/hang",
                        UserSocket.connect(connect -> Connect.ok(Empty.EMPTY))
                                .channel(
                                        "room:*",
                                        Channel.join(join -> Join.ok(Empty.EMPTY))
                                                .onJoined(room -> room.onEnd(hold::acquireUninterruptibly))
                                                .build())
                                .build()));
        QuietClient.open(live.endpoint.port(), Optional.empty(), client -> {
                    client.upgrade("/hang/websocket?vsn=2.0.0");
                    client.frame("[\"1\",\"1\",\"room:a\",\"phx_join\",{}]");
                    client.readTo("}]");
                    client.frame("[\"1\",\"2\",\"room:a\",\"phx_leave\",{}]");
                })
                .close();
        live.awaitCount("loops_stalled", 1);
        assertThat(RecordedLog.lines(Level.ERROR, "has not turned for"))
                .singleElement()
                .asString()
                .contains("Semaphore");

        Thread close = Thread.ofPlatform().start(live.endpoint::close);
        try {
            assertThat(close.join(MAX_CLOSE)).as("closed within %s", MAX_CLOSE).isTrue();
        } finally {
            hold.release(100);
        }
    }
}
