package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.event.Event;
import io.heliodor.limit.Limits;
import io.heliodor.session.telemetry.LaneFigure;
import java.lang.Thread.State;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Many publishers and a loop that stands still. */
class PublisherPaceTests {
    private static final int PUBLISHERS = 300;
    private static final int BYTES = 100_000;
    private static final long MESSAGES = 8 << 20;
    private static final long BROADCASTS = 12 << 20;
    private static final Event<Counted> COUNTED = Event.of("counted", Counted.class);

    @AutoClose
    private final TestServer server = new TestServer(Limits.openInternet()
            .memory(m -> m.maxHeapBytes(256 << 20).maxConnectionBytes(64 << 20))
            .sessions(s -> s.maxChannels(PUBLISHERS)));

    private final Map<String, Context<?, String>> rooms = new ConcurrentHashMap<>();
    private final Client client;

    {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok("a"))
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

    /** A payload whose text is read once each time it is encoded. */
    record Counted(String text, AtomicInteger encoded) {
        @Override
        public String text() {
            encoded.incrementAndGet();
            return text;
        }
    }

    /** Returns a figure at the moment when each publisher has either published or waits. */
    private long whenAllWait(Consumer<Context<?, String>> publish, LongSupplier figure) {
        List<Thread> publishers = IntStream.range(0, PUBLISHERS)
                .mapToObj(i -> Thread.ofVirtual().start(() -> publish.accept(rooms.get("room:" + i))))
                .toList();
        Awaitility.await()
                .atMost(TestServer.DEADLINE)
                .until(() -> publishers.stream()
                        .allMatch(each -> each.getState() == State.WAITING || each.getState() == State.TERMINATED));
        long value = figure.getAsLong();
        server.await(() -> publishers.stream().noneMatch(Thread::isAlive), publishers::toString);
        return value;
    }

    private long queued() {
        server.sweep();
        return client.session().lane().traffic().get(LaneFigure.QUEUED);
    }

    private static long allowed(long room) {
        return room + (Runtime.getRuntime().availableProcessors() + 2L) * BYTES;
    }

    @Test
    void pushesOfManyChannelsWaitOutsideOfTheQueue() {
        Chat.Text large = new Chat.Text("x".repeat(BYTES));
        assertThat(whenAllWait(room -> room.push(Chat.SAY, large), this::queued))
                .isBetween(MESSAGES / 2, allowed(MESSAGES));
    }

    @Test
    void broadcastsToManyTopicsWaitOutsideOfTheQueue() {
        Chat.Text large = new Chat.Text("x".repeat(BYTES));
        assertThat(whenAllWait(room -> room.broadcast(Chat.SAY, large), this::queued))
                .isBetween(BROADCASTS / 2, allowed(BROADCASTS));
    }

    /** The loop writes each of them ten times, and a reply that comes after them waits for all of that. */
    @Test
    void broadcastsToManyMembersWaitAsIfTheyWereSoManyMessages() {
        for (int member = 1; member < 10; member++) {
            Client other = server.connect();
            other.isCareless();
            for (int i = 0; i < PUBLISHERS; i++) {
                other.joins("" + i, "room:" + i);
            }
        }
        server.settle();
        AtomicInteger encoded = new AtomicInteger();
        Counted large = new Counted("x".repeat(BYTES), encoded);
        server.hub.channels().broadcast("room:empty", COUNTED, large);
        encoded.set(0);
        assertThat(whenAllWait(room -> server.hub.channels().broadcast(room.topic(), COUNTED, large), encoded::get))
                .isBetween(
                        BROADCASTS / 2 / BYTES / 10,
                        allowed(BROADCASTS) / BYTES / 10 + Runtime.getRuntime().availableProcessors() + 2);
        assertThat(encoded).hasValue(PUBLISHERS);
    }

    @Test
    void broadcastsOfTheServerWaitBeforeTheyAreEncoded() {
        AtomicInteger encoded = new AtomicInteger();
        Counted large = new Counted("x".repeat(BYTES), encoded);
        // All wait for the codec at the first use of a type, and have found room in the queue by then.
        server.hub.channels().broadcast("room:empty", COUNTED, large);
        encoded.set(0);
        assertThat(whenAllWait(room -> server.hub.channels().broadcast(room.topic(), COUNTED, large), encoded::get))
                .isBetween(BROADCASTS / 2 / BYTES, allowed(BROADCASTS) / BYTES);
        assertThat(encoded).hasValue(PUBLISHERS);
    }
}
