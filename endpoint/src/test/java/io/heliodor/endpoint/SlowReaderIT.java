package io.heliodor.endpoint;

import static io.heliodor.transport.frame.ClientFrames.ping;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Limits;
import io.heliodor.transport.frame.ClientFrames;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** Clients that do not read. They cannot see their close code: it is in the log and the counter. */
class SlowReaderIT extends LiveTest {
    /** More than the buffers of both kernels take. */
    private static final String LARGE = "x".repeat(16 << 20);

    private static final int SMALL_WINDOW = 4 << 10;

    @Test
    void aClientThatDoesNotReadIsClosedAtTheLimitOfBytesAndTheOthersGetEverything() {
        int bound = 256 << 10;
        Live live = start(builder -> builder.limits(Limits.openInternet().memory(m -> m.maxConnectionBytes(bound))));
        withHealthyClient(live);
        List<RawClient> slow =
                Stream.generate(() -> nonReader(live, "")).limit(5).toList();
        RawClient reader = open(live).joins("room:a");

        String text = "x".repeat(8 << 10);
        long most = 0;
        int sent = 0;
        while (live.count("closed_slow") < slow.size()) {
            assertThat(sent).as("broadcasts until all were closed").isLessThan(10_000);
            live.broadcasts("room:a", text);
            sent++;
            reader.receives(Live.told("room:a", text));
            most = Math.max(most, BuffersComeBack.pinned());
        }

        // For each client: the limit, the bytes of the connection itself, and one frame accepted below the limit.
        assertThat(most).isLessThan(slow.size() * (bound + (128L << 10)) + (1 << 20));
        assertThat(RecordedLog.lines(Level.WARN, "does not read"))
                .hasSize(slow.size())
                .allSatisfy(line -> assertThat(line.text()).contains("4408"));
        live.awaitCount("channels", 2);
        reader.echoes("room:a", "2");
    }

    @Test
    void aClientThatReadsNothingForATimeIsClosedHoweverFewBytesWait() {
        Live live = start(
                builder -> builder.limits(Limits.openInternet().sessions(s -> s.stallTimeout(Duration.ofMillis(300)))));
        withHealthyClient(live);
        nonReader(live, "");
        live.broadcasts("room:a", LARGE);
        live.awaitCount("closed_slow", 1);
        assertThat(RecordedLog.lines(Level.WARN, "nothing was taken")).hasSize(1);
    }

    @Test
    void aClientThatReadsNothingIsClosedThoughMoreIsWrittenToIt() {
        Live live = start(
                builder -> builder.limits(Limits.openInternet().sessions(s -> s.stallTimeout(Duration.ofMillis(300)))));
        RawClient client = nonReader(live, "");
        live.broadcasts("room:a", LARGE);
        Live.eventually().pollInterval(Duration.ofMillis(100)).until(() -> {
            client.trySend(ping("still there"));
            return live.count("closed_slow") == 1;
        });
    }

    @Test
    void oneLargeFrameClosesNoClientThatReadsIt() {
        Live live = start(builder -> builder.limits(Limits.openInternet().memory(m -> m.maxConnectionBytes(1 << 10))));
        RawClient reader = closing(RawClient.connect(live.endpoint, SMALL_WINDOW))
                .upgrade("")
                .joins("room:a");
        String text = "x".repeat(4 << 20);
        for (int i = 0; i < 3; i++) {
            live.broadcasts("room:a", text);
            reader.receives(Live.told("room:a", text));
        }
        assertThat(live.count("closed_slow")).isZero();
    }

    @Test
    void aClosedClientThatDoesNotReadIsCut() {
        Live live = start();
        RawClient client = nonReader(live, "&user_id=ann");
        live.broadcasts("room:a", LARGE);
        live.endpoint.channels().disconnect("users:ann");
        isCut(client);
    }

    @Test
    void aClientThatClosesAndDoesNotReadIsCut() {
        Live live = start();
        RawClient client = nonReader(live, "");
        live.broadcasts("room:a", LARGE);
        Live.eventually().until(() -> BuffersComeBack.pinned() > LARGE.length() / 2);
        client.send(ClientFrames.close(1000, ""));
        live.awaitCount("connections", 0);
        isCut(client);
    }

    private static void isCut(RawClient client) {
        Live.eventually()
                .untilAsserted(() -> assertThat(BuffersComeBack.pinned()).isZero());
        Live.eventually().until(() -> !client.canSend());
    }

    /** A member of the room that does not read what comes after its join. */
    private RawClient nonReader(Live live, String params) {
        return closing(RawClient.connect(live.endpoint, SMALL_WINDOW))
                .upgrade(params)
                .joins("room:a");
    }
}
