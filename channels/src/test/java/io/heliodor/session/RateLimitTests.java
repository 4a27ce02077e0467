package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.Reply;
import io.heliodor.limit.Limits;
import io.heliodor.limit.Rate;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.wire.V1Serializer;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that send or join over their rate. */
class RateLimitTests {
    private static final String OK = "['%s','%s','%s','phx_reply',{'status':'ok','response':{}}]";
    private static final String OVER =
            "['%s','%s','%s','phx_reply',{'status':'error','response':{'reason':'rate_limited','retry_after_ms':%d}}]";

    private static final Pattern RETRY = Pattern.compile("\"retry_after_ms\":([0-9]+)");

    private final AtomicInteger joins = new AtomicInteger();
    private final AtomicInteger handled = new AtomicInteger();
    private final Queue<LeaveReason> left = new ConcurrentLinkedQueue<>();

    private Channel.Builder<Object, String> room() {
        return Channel.join(join -> {
                    joins.incrementAndGet();
                    return Join.ok("a");
                })
                .answer(Chat.PING, (nothing, room) -> {
                    handled.incrementAndGet();
                    return Reply.ok();
                })
                .onLeave((why, room) -> left.add(why));
    }

    private static void ping(Client client, String ref, String topic) {
        client.sends("['3','%s','%s','ping',{}]".formatted(ref, topic));
    }

    private static void isAnswered(Client client, String ref, String topic) {
        ping(client, ref, topic);
        client.receives(OK.formatted("3", ref, topic));
    }

    private static void isRefused(Client client, String ref, String topic, int millis) {
        ping(client, ref, topic);
        client.receives(OVER.formatted("3", ref, topic, millis));
    }

    private static final String HEARTBEAT = "[null,'99','phoenix','heartbeat',{}]";

    private static void beats(Client client) {
        client.sends(HEARTBEAT);
        client.receives("[null,'99','phoenix','phx_reply',{'status':'ok','response':{}}]");
    }

    private static void leaves(Client client, String ref, String topic) {
        client.sends("['3','%s','%s','phx_leave',{}]".formatted(ref, topic));
        client.receives(OK.formatted("3", ref, topic), "['3','3','%s','phx_close',{}]".formatted(topic));
    }

    @Test
    void withoutARateNothingIsRefused() {
        try (var server = new TestServer()) {
            Client client = server.serve("room:*", room().build()).connect();
            client.joins("3", "room:42");
            for (int i = 0; i < 3_000; i++) {
                ping(client, "8", "room:42");
            }
            server.await(() -> client.untaken() == 3_000, client::toString);
            client.forgets();
            assertThat(handled).hasValue(3_000);
        }
    }

    @Test
    void theConnectionsOfAnIdMayShareTheirRates() {
        Limits limits = Limits.openInternet()
                .rates(r -> r.messages(Rate.perSecond(10).burst(4)).perId(true));
        try (var server = new TestServer(limits)) {
            server.serve("room:*", room().build());
            Client tab = server.connectAs("users:1");
            Client other = server.connectAs("users:1");
            Client stranger = server.connectAs("users:2");
            tab.joins("3", "room:42");
            other.joins("3", "room:42");
            stranger.joins("3", "room:42");
            isAnswered(tab, "1", "room:42");
            isAnswered(other, "2", "room:42");
            isRefused(tab, "3", "room:42", 100);
            isRefused(other, "4", "room:42", 200);
            isAnswered(stranger, "5", "room:42");
            tab.drops();
            other.drops();
            server.passes(Duration.ofMillis(100));
            Client back = server.connectAs("users:1");
            back.joins("3", "room:42");
            isRefused(back, "6", "room:42", 200);
            server.passes(Duration.ofMillis(400));
            isAnswered(back, "7", "room:42");
        }
    }

    /** A client that sends a number of pings at once, and each refused one again when it may. Returns the number of its refusals. */
    private static int pingsUntilAllAreAnswered(TestServer server, Client client, int pings) {
        TreeMap<Long, Integer> due = new TreeMap<>(Map.of(0L, pings));
        long now = 0;
        int refusals = 0;
        while (!due.isEmpty()) {
            var next = due.pollFirstEntry();
            server.passes(Duration.ofMillis(next.getKey() - now));
            now = next.getKey();
            for (int i = 0; i < next.getValue(); i++) {
                ping(client, "8", "room:42");
                assertThat(client.closed())
                        .as("closed after %d refusals", refusals)
                        .isFalse();
                Matcher refused = RETRY.matcher(client.next());
                if (refused.find()) {
                    due.merge(now + Long.parseLong(refused.group(1)), 1, Integer::sum);
                    refusals++;
                }
            }
        }
        return refusals;
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 500, 1_000})
    void aClientThatSendsItsBufferAndRetriesAsItIsToldIsRefusedOnceForEachMessageAndNeverClosed(int buffered) {
        Limits limits =
                Limits.openInternet().rates(r -> r.messages(Rate.perSecond(20).burst(60)));
        try (var server = new TestServer(limits)) {
            Client client = server.serve("room:*", room().build()).connect();
            client.joins("3", "room:42");
            assertThat(pingsUntilAllAreAnswered(server, client, buffered)).isEqualTo(buffered - 59);
            assertThat(handled).hasValue(buffered);
        }
    }

    @Test
    void aBufferOfAHundredAndAJoinForEachChannelFitIntoBurstsOfThatSize() {
        Limits limits = Limits.openInternet()
                .rates(r -> r.messages(Rate.perSecond(20).burst(200))
                        .joins(Rate.perSecond(5).burst(100)));
        try (var server = new TestServer(limits)) {
            Client client = server.serve(
                            "room:*",
                            room().messageRate(Rate.perSecond(10).burst(100)).build())
                    .connect();
            for (int i = 0; i < 100; i++) {
                client.joins("3", "room:" + i);
            }
            for (int i = 0; i < 100; i++) {
                isAnswered(client, "8", "room:42");
            }
            isRefused(client, "9", "room:42", 50);
        }
    }

    @Nested
    class OfTheMessagesOfAConnection {
        @AutoClose
        private final TestServer server = new TestServer(
                Limits.openInternet().rates(r -> r.messages(Rate.perSecond(10).burst(3))));

        private Client member() {
            Client client = server.serve("room:*", room().build()).connect();
            client.joins("3", "room:42");
            client.joins("3", "room:43");
            server.passes(Duration.ofSeconds(1)); // the tokens of the two joins come back
            return client;
        }

        @Test
        void aMessageOverTheRateIsAnsweredWithTheTimeToWaitAndNotHandled() {
            Client client = member();
            isAnswered(client, "1", "room:42");
            isAnswered(client, "2", "room:43");
            isAnswered(client, "3", "room:42");
            isRefused(client, "4", "room:43", 100);
            server.passes(Duration.ofNanos(30_500_000));
            isRefused(client, "5", "room:42", 170);
            server.passes(Duration.ofNanos(69_500_000));
            isAnswered(client, "6", "room:42");
            assertThat(handled).hasValue(4);
            assertThat(server.count(Counter.MESSAGES_OVER_RATE)).isEqualTo(2);
            assertThat(server.count(Counter.CHANNEL_MESSAGES_OVER_RATE)).isZero();
        }

        @Test
        void aMessageOverTheRateWithoutARefIsDroppedAndCounted() {
            Client client = member();
            for (int i = 0; i < 5; i++) {
                client.sends("['3',null,'room:42','ping',{}]");
            }
            server.await(() -> handled.get() == 3, handled::toString);
            server.settle();
            assertThat(client.received()).isEmpty();
            assertThat(server.count(Counter.MESSAGES_OVER_RATE)).isEqualTo(2);
        }

        @Test
        void aHeartbeatTakesATokenAndIsAnsweredWithAnErrorOverTheRate() {
            Client client = member();
            beats(client);
            isAnswered(client, "1", "room:42");
            beats(client);
            client.sends(HEARTBEAT);
            client.receives("[null,'99','phoenix','phx_reply',"
                    + "{'status':'error','response':{'reason':'rate_limited','retry_after_ms':100}}]");
            isRefused(client, "2", "room:42", 200);
            assertThat(server.count(Counter.MESSAGES_OVER_RATE)).isEqualTo(2);
            server.passes(Duration.ofMillis(100));
            beats(client);
        }

        @Test
        void aHeartbeatThatIsRefusedStillKeepsTheClientAlive() {
            Client client = member();
            for (int seconds = 0; seconds < 120; seconds += 30) {
                for (int i = 0; i < 4; i++) {
                    client.sends(HEARTBEAT);
                }
                assertThat(server.count(Counter.MESSAGES_OVER_RATE)).isPositive();
                server.passes(Duration.ofSeconds(30));
            }
            assertThat(client.closed()).isFalse();
            client.isCareless();
        }

        @Test
        void heartbeatsWithoutEndCloseTheConnection() {
            Client client = member();
            for (int i = 0; i < 1_003; i++) {
                client.sends(HEARTBEAT);
            }
            assertThat(client.closed()).isFalse();
            client.sends(HEARTBEAT);
            client.isClosedWith(4429);
            client.isCareless();
            assertThat(server.count(Counter.CLOSED_RATE)).isEqualTo(1);
        }

        @Test
        void aJoinTakesATokenAndIsRefusedOverTheRateBeforeItsHandlerRuns() {
            Client client = member();
            client.joins("3", "room:44");
            isAnswered(client, "1", "room:44");
            client.joins("3", "room:45");
            client.sends("['6','6','room:46','phx_join',{}]");
            client.receives(OVER.formatted("6", "6", "room:46", 100));
            server.settle();
            assertThat(joins).hasValue(4);
            assertThat(server.count(Counter.JOINS_OVER_RATE)).isEqualTo(1);
            assertThat(server.count(Counter.JOINS_REFUSED)).isEqualTo(1);
            assertThat(server.count(Counter.MESSAGES_OVER_RATE)).isZero();
            server.passes(Duration.ofMillis(100));
            client.joins("3", "room:46");
        }

        @Test
        void aJoinOverTheRateOfMessagesTakesNoTokenOfTheRateOfJoins() {
            try (var both = new TestServer(Limits.openInternet()
                    .rates(r -> r.messages(Rate.perSecond(10).burst(1))
                            .joins(Rate.perSecond(1).burst(2))))) {
                Client client = both.serve("room:*", room().build()).connect();
                client.joins("1", "room:1");
                client.sends("['2','2','room:2','phx_join',{}]", "['3','3','room:3','phx_join',{}]");
                client.receives(OVER.formatted("2", "2", "room:2", 100), OVER.formatted("3", "3", "room:3", 200));
                both.passes(Duration.ofMillis(100));
                client.joins("4", "room:4");
                both.passes(Duration.ofMillis(100));
                client.sends("['5','5','room:5','phx_join',{}]");
                client.receives(OVER.formatted("5", "5", "room:5", 800));
            }
        }

        @Test
        void aLeaveTakesATokenAndIsNeverRefused() {
            Client client = member();
            client.joins("3", "room:44");
            server.passes(Duration.ofSeconds(1));
            leaves(client, "1", "room:42");
            isAnswered(client, "2", "room:43");
            isAnswered(client, "3", "room:43");
            isRefused(client, "4", "room:43", 100);
            leaves(client, "5", "room:43");
            leaves(client, "6", "room:44");
            assertThat(left).containsOnly(new LeaveReason.Left()).hasSize(3);
            assertThat(server.count(Counter.MESSAGES_OVER_RATE)).isEqualTo(1);
        }

        @Test
        void leavesOfTopicsThatAreNotJoinedAreAnsweredAndEndlessOnesClose() {
            Client client = member();
            for (int i = 0; i < 1_003; i++) {
                client.sends("['3','8','room:1','phx_leave',{}]");
                client.receives(OK.formatted("3", "8", "room:1"));
            }
            client.sends("['3','8','room:1','phx_leave',{}]");
            client.isClosedWith(4429);
            client.isCareless();
            assertThat(server.count(Counter.CLOSED_RATE)).isEqualTo(1);
            assertThat(server.count(Counter.MESSAGES_OVER_RATE)).isEqualTo(1_001);
        }

        @Test
        void messagesForNoChannelCountAsWell() {
            Client client = member();
            client.sends(
                    "['2','1','room:42','ping',{}]", "['2','2','room:42','ping',{}]", "['2','3','room:42','ping',{}]");
            assertThat(server.count(Counter.FRAMES_STALE)).isEqualTo(3);
            client.sends(
                    "['2','4','room:42','ping',{}]", "[null,'5','room:42','ping',{}]", "['1','6','room:1','ping',{}]");
            client.receives(
                    OVER.formatted("2", "4", "room:42", 100),
                    OVER.formatted("3", "5", "room:42", 200),
                    OVER.formatted("1", "6", "room:1", 300));
        }

        @Test
        void eachConnectionHasItsOwnRate() {
            Client client = member();
            Client other = server.connect();
            other.joins("3", "room:42");
            for (int i = 1; i <= 3; i++) {
                isAnswered(client, "" + i, "room:42");
            }
            isRefused(client, "4", "room:42", 100);
            isAnswered(other, "1", "room:42");
        }

        @Test
        void aClientOfVersion1GetsTheRefusalAsWell() {
            server.serve("room:*", room().build());
            Client client = server.connect(new V1Serializer());
            for (int i = 0; i < 4; i++) {
                client.sends("{'topic':'room:1','event':'ping','payload':{},'ref':'%d'}".formatted(i));
            }
            for (int i = 0; i < 3; i++) {
                assertThat(client.next()).contains("unmatched topic");
            }
            assertThat(client.next())
                    .contains("\"response\":{\"reason\":\"rate_limited\",\"retry_after_ms\":100}", "\"ref\":\"3\"");
        }

        @Test
        void aClientThatGoesOnAfterRefusalsIsClosed() {
            Client client = member();
            Client other = server.connect();
            other.joins("3", "room:42");
            for (int i = 0; i < 1_003; i++) {
                ping(client, "8", "room:42");
            }
            assertThat(client.closed()).isFalse();
            ping(client, "8", "room:42");
            client.isClosedWith(4429);
            client.isCareless();
            server.await(() -> left.size() == 2, left::toString);
            assertThat(left).containsOnly(new LeaveReason.Closed());
            assertThat(server.count(Counter.CLOSED_RATE)).isEqualTo(1);
            assertThat(server.count(Counter.MESSAGES_OVER_RATE)).isEqualTo(1_001);
            isAnswered(other, "1", "room:42");
        }

        @Test
        void aClientThatIsRefusedNowAndThenIsNeverClosed() {
            Client client = member();
            for (int second = 0; second < 200; second++) {
                for (int i = 0; i < 13; i++) {
                    ping(client, "8", "room:42");
                }
                server.passes(Duration.ofSeconds(1));
            }
            assertThat(client.closed()).isFalse();
            assertThat(server.count(Counter.MESSAGES_OVER_RATE)).isEqualTo(200 * 10);
            client.isCareless();
        }
    }

    @Nested
    class OfTheJoinsOfAConnection {
        @AutoClose
        private final TestServer server = new TestServer(
                Limits.openInternet().rates(r -> r.joins(Rate.perSecond(2).burst(2))));

        private Client connect() {
            return server.serve("room:*", room().build()).connect();
        }

        @Test
        void aJoinOverTheRateIsRefusedBeforeItsHandlerRuns() {
            Client client = connect();
            client.joins("1", "room:1");
            client.joins("2", "room:2");
            client.sends("['3','3','room:3','phx_join',{}]", "[null,'4','nowhere','phx_join',{}]");
            client.receives(OVER.formatted("3", "3", "room:3", 500), OVER.formatted("4", "4", "nowhere", 1_000));
            server.settle();
            assertThat(joins).hasValue(2);
            assertThat(server.count(Counter.JOINS_OVER_RATE)).isEqualTo(2);
            assertThat(server.count(Counter.JOINS_REFUSED)).isEqualTo(2);
            assertThat(server.count(Counter.CHANNELS)).isEqualTo(2);
            server.passes(Duration.ofMillis(500));
            client.joins("5", "room:3");
        }

        @Test
        void aChannelWhoseTopicIsJoinedAgainTooOftenStaysOpen() {
            Client client = connect();
            client.joins("3", "room:1");
            client.joinsAgain("4", "room:1", "3");
            client.sends("['5','5','room:1','phx_join',{}]");
            client.receives(OVER.formatted("5", "5", "room:1", 500));
            client.sends("['4','6','room:1','ping',{}]");
            client.receives(OK.formatted("4", "6", "room:1"));
        }

        @Test
        void joinsThatAreRefusedForAnotherReasonCount() {
            Client client = connect();
            client.sends(
                    "['1','1','nowhere','phx_join',{}]",
                    "['1','1','','phx_join',{}]",
                    "['1','1','room:1','phx_join',{}]");
            assertThat(client.next()).contains("unmatched topic");
            assertThat(client.next()).contains("invalid topic");
            assertThat(client.next()).contains("rate_limited");
            assertThat(joins).hasValue(0);
        }

        @Test
        void messagesAreNotLimited() {
            Client client = connect();
            client.joins("3", "room:42");
            for (int i = 0; i < 100; i++) {
                isAnswered(client, "" + i, "room:42");
            }
        }

        @Test
        void aClientThatJoinsWithoutEndIsClosed() {
            Client client = connect();
            for (int i = 0; i < 1_002; i++) {
                client.sends("['1','1','nowhere','phx_join',{}]");
            }
            assertThat(client.closed()).isFalse();
            client.sends("['1','1','nowhere','phx_join',{}]");
            client.isClosedWith(4429);
            client.isCareless();
            assertThat(server.count(Counter.CLOSED_RATE)).isEqualTo(1);
        }
    }

    @Nested
    class OfTheMessagesOfAChannel {
        @AutoClose
        private final TestServer server = new TestServer();

        private Client member() {
            server.serve(
                    "room:*", room().messageRate(Rate.perSecond(10).burst(2)).build());
            server.serve("free:*", room().build());
            Client client = server.connect();
            client.joins("3", "room:42");
            client.joins("3", "room:43");
            client.joins("3", "free:1");
            return client;
        }

        @Test
        void eachJoinedChannelHasItsOwnRate() {
            Client client = member();
            isAnswered(client, "1", "room:42");
            isAnswered(client, "2", "room:42");
            isRefused(client, "3", "room:42", 100);
            isAnswered(client, "4", "room:43");
            isAnswered(client, "5", "free:1");
            server.passes(Duration.ofMillis(100));
            isAnswered(client, "6", "room:42");
            assertThat(server.count(Counter.CHANNEL_MESSAGES_OVER_RATE)).isEqualTo(1);
            assertThat(server.count(Counter.MESSAGES_OVER_RATE)).isZero();
        }

        @Test
        void aClientOfOneChannelChangesRooms() {
            try (var narrow = new TestServer(Limits.openInternet().sessions(s -> s.maxChannels(1)))) {
                Rate rate = Rate.of(1, Duration.ofSeconds(10)).burst(3);
                Client client =
                        narrow.serve("room:*", room().messageRate(rate).build()).connect();
                client.joins("3", "room:a");
                isAnswered(client, "1", "room:a");
                leaves(client, "3", "room:a");
                client.joins("3", "room:b");
                isAnswered(client, "2", "room:b");
                client.joinsAgain("3", "room:b", "3");
                isAnswered(client, "4", "room:b");
                isAnswered(client, "5", "room:b");
                isRefused(client, "6", "room:b", 10_000);
                leaves(client, "3", "room:b");
                client.joins("3", "room:a");
                isAnswered(client, "7", "room:a");
                isAnswered(client, "8", "room:a");
                isRefused(client, "9", "room:a", 10_000);
            }
        }

        @Test
        void staleMessagesDoNotCount() {
            Client client = member();
            for (int i = 0; i < 5; i++) {
                client.sends("['2','1','room:42','ping',{}]");
            }
            isAnswered(client, "1", "room:42");
            isAnswered(client, "2", "room:42");
            isRefused(client, "3", "room:42", 100);
        }

        @Test
        void aLeaveIsNeverRefused() {
            Client client = member();
            isAnswered(client, "1", "room:42");
            isAnswered(client, "2", "room:42");
            client.sends("['3','3','room:42','phx_leave',{}]");
            client.receives(OK.formatted("3", "3", "room:42"), "['3','3','room:42','phx_close',{}]");
        }

        @Test
        void aClientThatGoesOnAfterRefusalsIsClosed() {
            Client client = member();
            for (int i = 0; i < 1_002; i++) {
                ping(client, "8", "room:42");
            }
            assertThat(client.closed()).isFalse();
            ping(client, "8", "room:42");
            client.isClosedWith(4429);
            client.isCareless();
            assertThat(server.count(Counter.CHANNEL_MESSAGES_OVER_RATE)).isEqualTo(1_001);
            assertThat(server.count(Counter.CLOSED_RATE)).isEqualTo(1);
        }
    }
}
