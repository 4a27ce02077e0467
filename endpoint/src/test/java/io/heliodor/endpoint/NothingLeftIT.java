package io.heliodor.endpoint;

import static io.heliodor.transport.frame.ClientFrames.concat;
import static io.heliodor.transport.frame.ClientFrames.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.transport.frame.ClientFrames;
import io.heliodor.transport.longpoll.PollLimits;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A thousand clients come, join ten topics each, and go; afterwards everything is as it was. */
@Tag("long")
class NothingLeftIT extends LiveTest {
    private static final int CLIENTS = 1_000;

    /** For kinds of ends that differ little from another one. */
    private static final int FEWER = 200;

    private static final int TOPICS = 10;

    /** Twice the noise of the JVM; a thousand connections that leave 200 bytes each behind are over it. */
    private static final long HEAP_NOISE = 200_000;

    private static final int MAX_ROUNDS = 7;

    private Live live;

    @BeforeEach
    void startWithLanes() {
        live = start(builder -> builder.loops(2)
                .polls(PollLimits.defaults().window(Duration.ofMillis(500)).inactive(Duration.ofSeconds(1))));
    }

    /** The measurements while no client is connected. */
    record State(long heap, List<String> threads, long descriptors) {}

    @Test
    void afterClientsThatLeaveAndClose() {
        comesBack(CLIENTS, client -> {
            for (int i = 0; i < TOPICS; i++) {
                client.sends("[\"1\",\"2\",\"" + topic(client, i) + "\",\"phx_leave\",{}]");
                client.receives(
                        RawClient.ok("2", topic(client, i), "{}"),
                        "[\"1\",\"1\",\"" + topic(client, i) + "\",\"phx_close\",{}]");
            }
            client.send(ClientFrames.close(1000, "")).receives("close 1000");
            client.ends();
            client.close();
        });
    }

    @Test
    void afterClientsThatCloseWithoutLeaving() {
        comesBack(FEWER, client -> client.send(ClientFrames.close(1001, "")).close());
    }

    @Test
    void afterClientsThatDisconnectWithoutACloseFrame() {
        comesBack(CLIENTS, RawClient::close);
    }

    @Test
    void afterClientsThatReset() {
        comesBack(FEWER, RawClient::resets);
    }

    @Test
    void afterClientsThatDisconnectInTheMiddleOfAMessage() {
        comesBack(FEWER, client -> {
            byte[] message = text("[\"1\",\"2\",\"room:a\",\"echo\",{}]");
            client.send(Arrays.copyOf(message, message.length - 1)).close();
        });
    }

    @Test
    void afterChannelsThatCrash() {
        comesBack(CLIENTS, client -> {
            for (int i = 0; i < TOPICS; i++) {
                client.sends("[\"1\",\"2\",\"" + topic(client, i) + "\",\"crash\",{}]");
                client.receives(
                        "[\"1\",\"1\",\"" + topic(client, i) + "\",\"phx_error\",{\"reason\":\"channel_crash\"}]");
            }
            client.close();
        });
    }

    @Test
    void afterClientsThatAreDisconnected() {
        comesBack(FEWER, client -> {
            live.endpoint.channels().disconnect("users:" + client.port());
            client.isClosedWith(1001);
            client.close();
        });
    }

    @Test
    void afterClientsThatPoll() {
        comesBackAfter(() -> {
            List<PollClient> clients = new ArrayList<>();
            for (int i = 0; i < FEWER; i++) {
                PollClient client = PollClient.open(live, "&user_id=poll-" + i);
                clients.add(client);
                client.joins("room:" + i % TOPICS).echoes("room:" + i % TOPICS, 2);
                switch (i % 5) {
                    case 0 -> client.sendsPoll();
                    case 1 -> client.posts().send(halfOf(PollClient.batch(client.token(), "x".repeat(10_000))));
                    case 2 -> live.broadcasts("room:" + i % TOPICS, "not heard");
                    case 3 -> {
                        live.endpoint.channels().disconnect("users:poll-" + i);
                        Live.eventually().until(() -> client.poll().status() == 410);
                    }
                    default -> client.pollsElsewhere().resets();
                }
            }
            clients.forEach(PollClient::close);
        });
    }

    @Test
    void afterRequestsThatAreNotAnUpgrade() {
        comesBackAfter(() -> {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(RawClient.connect(live.endpoint)
                        .send(
                                switch (i % 4) {
                                    case 0 -> RawClient.get("/health");
                                    case 1 -> RawClient.get("/nothing");
                                    case 2 -> RawClient.upgradeRequest("&token=deny");
                                    default -> "GET / HT";
                                }));
            }
            clients.forEach(RawClient::close);
        });
    }

    private static byte[] halfOf(byte[] request) {
        return Arrays.copyOf(request, request.length / 2);
    }

    private void comesBack(int count, Consumer<RawClient> goes) {
        comesBackAfter(() -> {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                RawClient client = RawClient.connect(live.endpoint);
                clients.add(client.upgrade("&user_id=" + client.port()));
                joins(client);
            }
            assertThat(live.count("connections")).isEqualTo(count);
            assertThat(live.count("channels")).isEqualTo((long) count * TOPICS);
            clients.forEach(goes);
        });
    }

    private static void joins(RawClient client) {
        client.send(concat(IntStream.range(0, TOPICS)
                .mapToObj(i -> text("[\"1\",\"" + i + "\",\"" + topic(client, i) + "\",\"phx_join\",{}]"))
                .toArray(byte[][]::new)));
        for (int i = 0; i < TOPICS; i++) {
            assertThat(client.next().toString()).contains("\"phx_reply\",{\"status\":\"ok\"");
        }
    }

    /** Half of the topics have one member, the others many, on both lanes. */
    private static String topic(RawClient client, int i) {
        return i < TOPICS / 2 ? "room:" + client.port() + "-" + i : "room:" + i;
    }

    /**
     * Runs once to load classes, then until the heap of two rounds is that of an earlier one. Other work of the JVM may use some heap in
     * single rounds, more of them on a slow machine; a leak grows in each round, so its heap never comes back.
     */
    private void comesBackAfter(Runnable round) {
        round.run();
        noClientIsLeft();
        State before = state();
        List<Long> heaps = new ArrayList<>(List.of(before.heap()));
        for (int same = 0; same < 2; ) {
            assertThat(heaps).as("heap after each round").hasSizeLessThanOrEqualTo(MAX_ROUNDS);
            round.run();
            noClientIsLeft();
            Live.eventually().untilAsserted(() -> {
                State after = state();
                assertThat(after.threads())
                        .as("threads")
                        .hasSizeLessThanOrEqualTo(before.threads().size());
                assertThat(after.descriptors()).as("file descriptors").isLessThanOrEqualTo(before.descriptors());
            });
            long heap = state().heap();
            if (heap < before.heap() || heaps.stream().anyMatch(earlier -> Math.abs(heap - earlier) < HEAP_NOISE)) {
                same++;
            }
            heaps.add(heap);
        }
    }

    private void noClientIsLeft() {
        live.awaitCount("connections", 0);
        live.awaitCount("channels", 0);
        Live.eventually()
                .untilAsserted(() -> assertThat(BuffersComeBack.pinned())
                        .as("bytes of buffers")
                        .isZero());
        Live.eventually().untilAsserted(() -> {
            try (RawClient client = RawClient.connect(live.endpoint).send(RawClient.get("/health"))) {
                assertThat(client.response().body()).contains("\"connections\":0,\"channels\":0,\"topics\":0,");
            }
        });
        RecordedLog.clear();
        // A connection is unreachable after its last timer has run.
        Live.eventually().untilAsserted(() -> assertThat(Instances.now()).isEmpty());
    }

    private static State state() {
        System.gc();
        var system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new State(
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                Thread.getAllStackTraces().keySet().stream()
                        .map(Thread::getName)
                        .filter(name -> !name.startsWith("awaitility"))
                        .toList(),
                system.getOpenFileDescriptorCount());
    }
}
