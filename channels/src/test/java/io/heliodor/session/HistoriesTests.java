package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.limit.Limits;
import io.heliodor.session.budget.TopicLimits;
import io.heliodor.session.telemetry.Counter;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The limits that all histories of an endpoint share. */
class HistoriesTests {
    private static final int BYTES = 14_000;
    private static final String TEXT = "x".repeat(1_000);

    @AutoClose
    private final TestServer server = server(BYTES);

    private static TestServer server(int bytes) {
        return served(new TestServer(Limits.openInternet().memory(m -> m.maxHistoryBytes(bytes))));
    }

    private static TestServer served(TestServer server) {
        return server.serve(
                "room:*",
                Channel.join(join -> Join.ok("a"))
                        .history(History.of(100, Duration.ofMinutes(5), Chat.SAY))
                        .build());
    }

    /** A client that has joined the topic, with nothing missed so far. */
    private Client member(String topic) {
        return member(server.connect(), topic);
    }

    private static Client member(Client client, String topic) {
        client.sends("['3','3','%s','phx_join',{}]".formatted(topic));
        assertThat(client.next()).contains("\"status\":\"ok\"");
        client.isCareless();
        return client;
    }

    private void broadcast(String topic, int times) {
        for (int i = 0; i < times; i++) {
            server.hub.channels().broadcast(topic, Chat.SAY, new Chat.Text(TEXT));
        }
        server.settle();
        assertThat(server.hub.keptTopics().histories().bytes()).isLessThanOrEqualTo(BYTES);
    }

    private long dropped() {
        return server.count(Counter.HISTORIES_DROPPED);
    }

    @Test
    void theTopicThatHasBeenWithoutMembersForLongestGoesFirst() {
        for (String topic : new String[] {"room:a", "room:b"}) {
            Client client = member(topic);
            broadcast(topic, 3);
            client.drops();
        }
        member("room:c");
        broadcast("room:c", 3);
        assertThat(dropped()).isZero();
        assertThat(server.hub.topics()).isEqualTo(3);
        broadcast("room:c", 1);
        assertThat(dropped()).isEqualTo(1);
        assertThat(server.hub.topics()).isEqualTo(2);
        broadcast("room:c", 3);
        assertThat(dropped()).isEqualTo(2);
        assertThat(server.hub.topics()).isEqualTo(1);
    }

    @Test
    void theUserWhoseTopicsWithoutMembersHoldMostLosesTheOneThatHasHadNoneForLongest() {
        leaves("ann", "room:a", 1);
        leaves("ann", "room:b", 1);
        leaves("mallory", "room:m", 6);
        member("room:c");
        broadcast("room:c", 2);
        assertThat(dropped()).isEqualTo(1);
        assertThat(server.hub.channels().newest("room:a", 9).messages()).hasSize(1);
        assertThat(server.hub.channels().newest("room:b", 9).messages()).hasSize(1);
        assertThat(server.hub.channels().newest("room:m", 9).messages()).isEmpty();
    }

    @Test
    void aUserWithManyTopicsWithMembersTakesNothingOfAnother() {
        member(server.connectAs("ann"), "room:ann");
        broadcast("room:ann", 2);
        leaves("ann", "room:gone", 1);
        for (int i = 0; i < 30; i++) {
            member(server.connectAs("mallory"), "room:" + i);
            broadcast("room:" + i, 1);
        }
        assertThat(dropped()).isPositive();
        assertThat(server.hub.channels().newest("room:ann", 9).messages()).hasSize(2);
        assertThat(server.hub.channels().newest("room:gone", 9).messages()).hasSize(1);
    }

    @Test
    void theUserWhoHoldsMostLosesTopicsWithoutMembersFirst() {
        leaves("mallory", "room:empty", 1);
        member(server.connectAs("mallory"), "room:large");
        broadcast("room:large", 6);
        leaves("ann", "room:gone", 2);
        member(server.connectAs("ann"), "room:ann");
        broadcast("room:ann", 1);
        assertThat(dropped()).isEqualTo(1);
        assertThat(server.hub.channels().newest("room:empty", 9).messages()).isEmpty();
        broadcast("room:ann", 1);
        assertThat(server.hub.channels().newest("room:large", 9).messages()).hasSize(3);
        assertThat(server.hub.channels().newest("room:gone", 9).messages()).hasSize(2);
        assertThat(server.hub.channels().newest("room:ann", 9).messages()).hasSize(2);
    }

    /** A user joins a topic, which gets some messages and has no members then. */
    private void leaves(String user, String topic, int messages) {
        Client client = member(server.connectAs(user), topic);
        broadcast(topic, messages);
        client.drops();
    }

    @Test
    void theUserWithMostTopicsWithoutMembersLosesThem() {
        TestServer few = served(new TestServer(new TopicLimits(3, 16, 400, 4 << 20, 12 << 20)));
        Client ann = member(few.connectAs("ann"), "room:ann");
        few.hub.channels().broadcast("room:ann", Chat.SAY, new Chat.Text("hello"));
        ann.drops();
        for (int i = 0; i < 10; i++) {
            member(few.connectAs("mallory"), "room:" + i).drops();
        }
        few.settle();
        assertThat(few.hub.channels().newest("room:ann", 9).messages()).hasSize(1);
        // Another user in the topic of ann does not become the one who holds it.
        member(few.connectAs("mallory"), "room:ann").drops();
        member(few.connectAs("mallory"), "room:last").drops();
        few.settle();
        assertThat(few.hub.channels().newest("room:ann", 9).messages()).hasSize(1);
        assertThat(few.hub.topics()).isEqualTo(3);
        few.close();
    }

    @Test
    void aTopicWhoseMembersCameBackKeepsItsHistory() {
        Client first = member("room:a");
        broadcast("room:a", 3);
        first.drops();
        member("room:b").drops();
        member("room:a");
        member("room:c");
        broadcast("room:c", 7);
        assertThat(server.hub.topics()).as("without room:b").isEqualTo(2);
        assertThat(dropped())
                .as("room:b, which freed nothing, and half of room:c")
                .isEqualTo(2);
    }

    @Test
    void ifAllTopicsHaveMembersTheGrowingHistoryLosesItsOlderHalf() {
        member("room:a");
        member("room:b");
        broadcast("room:a", 4);
        long a = server.hub.keptTopics().histories().bytes();
        broadcast("room:b", 5);
        assertThat(dropped()).isZero();
        broadcast("room:b", 1);
        assertThat(dropped()).isEqualTo(1);
        assertThat(server.hub.keptTopics().histories().bytes()).isEqualTo(a + a / 4 * 3);
    }

    /** At the bound each of them is in turn the topic that grew. */
    @Test
    void noTopicOfManyLosesItsNewestMessages() {
        int topics = 30;
        int bytes = 8 * BYTES;
        Random random = new Random(1);
        TestServer server = server(bytes);
        for (int i = 0; i < topics; i++) {
            member(server.connect(), "room:" + i);
        }
        for (int round = 0; round < 300; round++) {
            for (int i : random.ints(topics, 0, topics).toArray()) {
                server.hub.channels().broadcast("room:" + i, Chat.SAY, new Chat.Text("x"));
            }
            server.settle();
            assertThat(server.hub.keptTopics().histories().bytes()).isLessThanOrEqualTo(bytes);
            for (int i = 0; round > 10 && i < topics; i++) {
                assertThat(server.hub.channels().newest("room:" + i, 2).messages())
                        .as("room:%d in round %d", i, round)
                        .hasSize(2);
            }
        }
        assertThat(server.count(Counter.HISTORIES_DROPPED)).isPositive();
        server.close();
    }

    @Test
    void aMessageBeyondTheBoundIsSentButNotKept() {
        Client client = member("room:a");
        server.hub.channels().broadcast("room:a", Chat.SAY, new Chat.Text("x".repeat(BYTES)));
        assertThat(client.next()).startsWith("[null,\"@1\"");
        assertThat(server.hub.keptTopics().histories().bytes()).isZero();
        assertThat(dropped()).isEqualTo(1);
    }

    @Test
    void atMostTenThousandTopicsAreKeptWithoutMembers() {
        Client client = server.connect();
        client.isCareless();
        for (int i = 1; i <= 10_003; i++) {
            client.sends(
                    "['%1$d','%1$d','room:%1$d','phx_join',{}]".formatted(i),
                    "['%1$d',null,'room:%1$d','phx_leave',{}]".formatted(i));
            server.await(() -> client.session().table().running() < 50, client::toString);
        }
        server.awaitCount(Counter.CHANNELS, 0);
        server.settle();
        assertThat(server.hub.topics()).isEqualTo(10_000);
        assertThat(dropped()).isEqualTo(3);
    }
}
