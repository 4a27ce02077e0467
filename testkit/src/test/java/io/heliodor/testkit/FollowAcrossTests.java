package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.presence.Presence;
import io.heliodor.type.Type;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pages on one node that follow presences of another one. */
@Timeout(60)
class FollowAcrossTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final String AGENTS = "agents:all";

    record Online(String ticket) {}

    record Count(int count) {}

    private static final Type<Map<String, Object>> ENTRIES = new Type<>() {};
    private static final Type<Map<String, Map<String, Object>>> DIFF = new Type<>() {};
    private static final Event<Map<String, Object>> STATE = Event.of("agents_state", ENTRIES);
    private static final Event<Map<String, Map<String, Object>>> CHANGES = Event.of("agents_diff", DIFF);
    private static final Event<Count> ONLINE = Event.of("online_count", Count.class);

    private final ClusterKit cluster = ClusterKit.start(A, B);
    private final Presence<Online> atA = Presence.over(cluster.node(A).pubsub(), Online.class);
    private final Presence<Online> atB = Presence.over(cluster.node(B).pubsub(), Online.class);
    private final ChannelKit a = serve(A, atA);
    private final ChannelKit b = serve(B, atB);

    @AfterEach
    void close() {
        b.close();
        a.close();
        cluster.close();
    }

    private ChannelKit serve(String node, Presence<Online> presence) {
        Channel<Object, Empty> desk = Channel.join(join -> Join.ok(Empty.EMPTY))
                .onJoined(in -> {
                    presence.followCount(in, AGENTS, "online");
                    presence.follow(in, AGENTS, "agents");
                })
                .build();
        Channel<Object, String> ticket = Channel.join(join -> Join.ok(join.topic()))
                .onJoined(in -> presence.track(in, AGENTS, in.subtopic(), new Online(in.topic())))
                .build();
        return ChannelKit.builder(UserSocket.open()
                        .channel("desk:*", desk)
                        .channel("ticket:*", ticket)
                        .build())
                .node(cluster, node)
                .start();
    }

    private static void awaitDiff(TestChannel desk, String part, String key) {
        Predicate<Map<String, Map<String, Object>>> wanted =
                diff -> diff.get(part).containsKey(key);
        while (!wanted.test(desk.expect(CHANGES))) {
            // Another change came first.
        }
    }

    @Test
    void aPageShowsWhoIsAtTopicsOfAnotherNode() {
        TestChannel ann = b.connect().join("ticket:ann");
        cluster.await(() -> atA.count(AGENTS) == 1);
        TestChannel desk = a.connect().join("desk:1");
        assertThat(desk.expect(ONLINE)).isEqualTo(new Count(1));
        assertThat(desk.expect(STATE)).containsOnlyKeys("ann");
        TestChannel ben = a.connect().join("ticket:ben");
        awaitDiff(desk, "joins", "ben");
        ann.client().drop();
        awaitDiff(desk, "leaves", "ann");
        assertThat(ben.presence()).as("a ticket gets no list").isEmpty();
        ben.leave();
        awaitDiff(desk, "leaves", "ben");
        while (desk.expect(ONLINE).count() != 0) {
            // A count of the time between.
        }
    }

    @Test
    void theAgentsOfANodeThatDiesLeave() {
        b.connect().join("ticket:ann");
        cluster.await(() -> atA.count(AGENTS) == 1);
        TestChannel desk = a.connect().join("desk:1");
        assertThat(desk.expect(STATE)).containsOnlyKeys("ann");
        cluster.crash(B);
        awaitDiff(desk, "leaves", "ann");
    }

    /** The number is what a page of ten thousand viewers gets: no state, no diff, few messages. */
    @Test
    void aPageOfManyViewersGetsTheirNumberOnly() {
        Channel<Object, String> stream = Channel.join(join -> Join.ok(join.topic()))
                .onJoined(in -> {
                    atA.track(in, "viewers:7", in.socket().correlationId(), new Online(""));
                    atA.followCount(in, "viewers:7", "viewers");
                })
                .build();
        Event<Count> viewers = Event.of("viewers_count", Count.class);
        try (ChannelKit kit = ChannelKit.builder(
                        UserSocket.open().channel("stream:*", stream).build())
                .pubsub(cluster.node(A).pubsub())
                .start()) {
            TestChannel first = kit.connect().join("stream:7");
            for (int i = 1; i < 1_000; i++) {
                kit.connect().join("stream:7");
            }
            int received = 1;
            while (first.expect(viewers).count() != 1_000) {
                received++;
            }
            assertThat(received).as("counts for a thousand joins").isLessThan(100);
            kit.settle();
            assertThat(first.presence()).isEmpty();
            assertThat(first.client().toString()).doesNotContain("_state", "_diff");
        }
    }
}
