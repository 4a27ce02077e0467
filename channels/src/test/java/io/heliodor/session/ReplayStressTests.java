package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.Out;
import io.heliodor.event.Event;
import io.heliodor.limit.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Clients that come and go while several threads broadcast, on two loops with threads of their own: each gets each
 * offset once and in order, or is not recovered.
 */
class ReplayStressTests {
    private static final int ROUNDS = 200;
    private static final int PUBLISHERS = 3;
    private static final Pattern KEPT =
            Pattern.compile("\\[null,\"@(\\d+)\",\"room:42\",\"(?:say|shout)\",\\{\"text\":\"(\\d+) (\\d+)\"}]");

    @AutoClose
    private final TestServer server = new TestServer(
            // On a busy machine the mailbox of a channel that intercepts kept messages may overflow.
            Limits.openInternet().sessions(s -> s.maxMailboxMessages(1_000_000)),
            List.of(TestLoop.started(), TestLoop.started()));

    @AutoClose
    private final ExecutorService threads = Executors.newCachedThreadPool();

    private final AtomicBoolean over = new AtomicBoolean();

    enum Kind {
        /** All missed messages are kept. */
        LONG(100_000, false),
        /** Some clients come back too late. */
        SHORT(20, false),
        /** Half of the kept messages are intercepted. */
        INTERCEPTED(100_000, true);

        private final int most;
        private final boolean intercepts;

        Kind(int most, boolean intercepts) {
            this.most = most;
            this.intercepts = intercepts;
        }

        private Channel<Object, String> room() {
            var room = Channel.join(join -> Join.ok("a"))
                    .history(History.of(most, Duration.ofMinutes(5), Chat.SAY, Chat.SHOUT));
            if (intercepts) {
                room.intercept(Chat.SAY, (text, context) -> Out.replace(new Chat.Text(text.text())));
            }
            return room.build();
        }
    }

    /** The position of one client in the topic, over all its connections. */
    private static final class Follower {
        private final int lane;
        private Client client;
        private String stream = "1";
        private long offset;
        private int recovered;
        private int notRecovered;
        private final long[] latest = new long[PUBLISHERS];

        private Follower(int lane) {
            this.lane = lane;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatComesBackGetsEachOffsetOnceAndInOrderOrIsNotRecovered(Kind kind) throws Exception {
        server.serve("room:*", kind.room());
        List<Future<?>> publishers = new ArrayList<>();
        for (int publisher = 0; publisher < PUBLISHERS; publisher++) {
            int own = publisher;
            publishers.add(threads.submit(() -> publish(own)));
        }
        List<Follower> followers =
                List.of(new Follower(0), new Follower(0), new Follower(1), new Follower(1), new Follower(1));
        var random = new Random(42);
        try {
            for (int round = 0; round < ROUNDS; round++) {
                followers.forEach(this::comesBack);
                for (Follower each : followers) {
                    int seen = random.nextInt(40);
                    server.await(() -> each.client.messagesTaken() > seen, each.client::toString);
                    each.client.drops();
                    checkOrder(each);
                }
            }
        } finally {
            over.set(true);
        }
        for (Future<?> publisher : publishers) {
            publisher.get();
        }
        for (Follower each : followers) {
            assertThat(each.recovered + each.notRecovered).isEqualTo(ROUNDS);
            if (kind.most > 20) {
                assertThat(each.notRecovered).as("only the first join").isEqualTo(1);
            }
        }
    }

    /** Slower than the checks, so that they keep up. */
    private void publish(int publisher) {
        for (int i = 1; !over.get(); i++) {
            Event<Chat.Text> event = ThreadLocalRandom.current().nextBoolean() ? Chat.SAY : Chat.SHOUT;
            server.hub.channels().broadcast("room:42", event, new Chat.Text(publisher + " " + i));
            LockSupport.parkNanos(200_000);
        }
    }

    private void comesBack(Follower follower) {
        follower.client = server.connectTo(follower.lane);
        follower.client.isCareless();
        follower.client.sends("['3','3','room:42','phx_join',{'since':'%s'}]"
                .formatted(HistoryToken.of(follower.stream, follower.offset)));
    }

    /** Checks for the reply, then offsets one by one after the right one; each publisher's messages in its order. */
    private static void checkOrder(Follower follower) {
        List<String> received = follower.client.received();
        String reply = received.getFirst();
        long counter = HistoryToken.counter(reply);
        if (reply.endsWith("\"recovered\":true}}}]")) {
            follower.recovered++;
            assertThat(counter).isEqualTo(follower.offset);
        } else {
            follower.notRecovered++;
            follower.offset = counter;
        }
        follower.stream = HistoryToken.stream(reply);
        for (String message : received.subList(1, received.size())) {
            Matcher kept = KEPT.matcher(message);
            assertThat(kept.matches()).as(message).isTrue();
            assertThat(Long.parseLong(kept.group(1))).as(message).isEqualTo(++follower.offset);
            int publisher = Integer.parseInt(kept.group(2));
            long number = Long.parseLong(kept.group(3));
            assertThat(number).as(message).isGreaterThan(follower.latest[publisher]);
            follower.latest[publisher] = number;
        }
    }
}
