package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.limit.Limits;
import java.lang.Thread.State;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Many publishers and a loop that stands still. */
class PublisherPaceTests {
    private static final int PUBLISHERS = 300;
    private static final int BYTES = 100_000;
    private static final long QUEUE_BYTES = 8 << 20;

    @AutoClose
    private final TestServer server = new TestServer(
            Limits.defaults().heapBytes(256 << 20).connectionBytes(64 << 20).channelsPerSocket(PUBLISHERS));

    private final Map<String, Context<String>> rooms = new ConcurrentHashMap<>();
    private final Client client;

    {
        server.serve(
                "room:*",
                Channel.join((Join<Object> join) -> Join.ok("a"))
                        .onJoined(room -> rooms.put(room.topic(), room))
                        .build());
        client = server.connect();
        client.isCareless();
        for (int i = 0; i < PUBLISHERS; i++) {
            client.joins("" + i, "room:" + i);
        }
        server.await(() -> rooms.size() == PUBLISHERS, rooms::toString);
        server.settle();
    }

    /** The bytes in the lane's queue when each of the publishers has either published or waits. */
    private long queued(Consumer<Context<String>> publish) {
        List<Thread> publishers = IntStream.range(0, PUBLISHERS)
                .mapToObj(i -> Thread.ofVirtual().start(() -> publish.accept(rooms.get("room:" + i))))
                .toList();
        Awaitility.await()
                .atMost(TestServer.DEADLINE)
                .until(() -> publishers.stream()
                        .allMatch(each -> each.getState() == State.WAITING || each.getState() == State.TERMINATED));
        server.sweep();
        long queued = client.session().lane().traffic().queued();
        server.await(() -> publishers.stream().noneMatch(Thread::isAlive), publishers::toString);
        return queued;
    }

    private static long allowed() {
        return QUEUE_BYTES + (Runtime.getRuntime().availableProcessors() + 2L) * BYTES;
    }

    @Test
    void pushesOfManyChannelsWaitOutsideOfTheQueue() {
        Said.Text large = new Said.Text("x".repeat(BYTES));
        assertThat(queued(room -> room.push(Said.SAY, large))).isBetween(QUEUE_BYTES / 2, allowed());
    }

    @Test
    void broadcastsToManyTopicsWaitOutsideOfTheQueue() {
        Said.Text large = new Said.Text("x".repeat(BYTES));
        assertThat(queued(room -> room.broadcast(Said.SAY, large))).isBetween(QUEUE_BYTES / 2, allowed());
    }
}
