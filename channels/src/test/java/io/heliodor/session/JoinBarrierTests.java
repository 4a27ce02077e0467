package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.JoinHandler;
import io.heliodor.channel.JoinOutcome;
import io.heliodor.channel.Out;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.session.budget.TopicLimits;
import io.heliodor.session.telemetry.Counter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each broadcast since a join handler began reaches its client after the reply. */
class JoinBarrierTests {
    private static final Duration AGE = Duration.ofMinutes(5);
    private static final String OK = "['3','3','room:42','phx_reply',{'status':'ok','response':{}}]";

    @AutoClose
    private final TestServer server = new TestServer(new TopicLimits(100, 16, 400, 3_000, 1_000));

    private final Gate gate = server.gate();

    /** The topic room:slow waits in its join handler. */
    private static Channel.Builder<Object, String> room(JoinHandler<Object, String> join) {
        return Channel.join(join).on(Chat.SHOUT, (text, room) -> room.broadcastFrom(Chat.SAY, text));
    }

    private JoinHandler<Object, String> slow() {
        return _ -> {
            gate.pass();
            return Join.ok("a");
        };
    }

    private void say(int from, int to) {
        for (int i = from; i <= to; i++) {
            server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text("" + i));
        }
    }

    private static String said(int text) {
        return "[null,null,'room:42','say',{'text':'%d'}]".formatted(text);
    }

    private static String kept(int counter) {
        return "[null,'@%d','room:42','say',{'text':'%d'}]".formatted(counter, counter);
    }

    private static String[] all(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(JoinBarrierTests::said).toArray(String[]::new);
    }

    private Client joining() {
        Client client = server.connect();
        client.sends("['3','3','room:42','phx_join',{}]");
        server.awaitReached(gate);
        return client;
    }

    @Test
    void whatIsBroadcastWhileTheHandlerRunsFollowsTheReply() {
        server.serve("room:*", room(slow()).build());
        say(1, 1);
        Client client = joining();
        say(2, 3);
        server.settle();
        assertThat(client.untaken()).isZero();
        gate.open();
        client.receives(OK);
        say(4, 4);
        client.receives(all(2, 4));
    }

    /** The handler of the second client has returned long before that of the first one. */
    @Test
    void aSlowJoinDelaysNoOther() {
        AtomicInteger joins = new AtomicInteger();
        server.serve(
                "room:*",
                room(_ -> {
                            if (joins.incrementAndGet() == 1) {
                                gate.pass();
                            }
                            return Join.ok("a");
                        })
                        .build());
        Client first = joining();
        say(1, 1);
        Client second = server.connect();
        second.joins("3", "room:42");
        say(2, 2);
        second.receives(said(2));
        gate.open();
        first.receives(OK);
        first.receives(all(1, 2));
    }

    @Test
    void theBroadcastsOfOthersKeepTheirSendersOut() {
        AtomicInteger joins = new AtomicInteger();
        server.serve(
                "room:*",
                room(_ -> {
                            if (joins.incrementAndGet() == 2) {
                                gate.pass();
                            }
                            return Join.ok("a");
                        })
                        .build());
        Client ann = server.connect();
        ann.joins("3", "room:42");
        Client ben = joining();
        ann.sends("['3',null,'room:42','shout',{'text':'1'}]");
        server.settle();
        gate.open();
        ben.receives(OK, said(1));
        assertThat(ann.untaken()).isZero();
    }

    @Test
    void anInterceptSeesThem() {
        server.serve(
                "room:*",
                room(slow())
                        .intercept(
                                Chat.SAY,
                                (text, _) -> text.text().equals("1")
                                        ? Out.drop()
                                        : Out.replace(new Chat.Text(text.text() + "!")))
                        .build());
        Client client = joining();
        say(1, 2);
        gate.open();
        client.receives(OK, "[null,null,'room:42','say',{'text':'2!'}]");
    }

    @Test
    void aRefusedJoinLeavesNothing() {
        server.serve(
                "room:*",
                room(_ -> {
                            gate.pass();
                            return Join.refuse("no");
                        })
                        .history(History.of(100, AGE, Chat.SAY))
                        .build());
        long before = server.hub.memory().used();
        Client client = joining();
        assertThat(server.hub.topics()).isEqualTo(1);
        assertThat(server.hub.fastlane().find("room:42").orElseThrow().memberCount())
                .isZero();
        gate.open();
        client.receives("['3','3','room:42','phx_reply',{'status':'error','response':{'reason':'no'}}]");
        assertThat(server.hub.topics()).isZero();
        client.drops();
        server.await(() -> server.hub.memory().used() == before, () -> "no memory in use");
        assertThat(server.pubsub.scope("heliodor.channels").count("room:42")).isZero();
    }

    /** What was kept before stays. */
    @Test
    void aRefusedJoinEndsNoHistory() {
        AtomicInteger joins = new AtomicInteger();
        server.serve(
                "room:*",
                room(_ -> joins.incrementAndGet() == 1 ? Join.ok("a") : Join.refuse("no"))
                        .history(History.of(100, AGE, Chat.SAY))
                        .build());
        Client ann = server.connect();
        ann.sends("['3','3','room:42','phx_join',{}]");
        String reply = ann.next();
        ann.drops();
        Client eve = server.connect();
        eve.sends("['3','3','room:42','phx_join',{}]");
        assertThat(eve.next()).contains("error");
        assertThat(server.hub.topics()).isEqualTo(1);
        assertThat(server.hub.channels().newest("room:42", 1).token())
                .hasValue(HistoryToken.of(HistoryToken.stream(reply), 0));
    }

    @Test
    void tooManyBroadcastsRefuseTheJoin() {
        server.serve("room:*", room(slow()).build());
        Client client = joining();
        say(1, 8);
        server.settle();
        assertThat(server.count(Counter.JOINS_OVERRUN)).isZero();
        say(9, 20);
        server.settle();
        assertThat(server.count(Counter.JOINS_OVERRUN)).isEqualTo(1);
        gate.open();
        client.receives("['3','3','room:42','phx_reply',{'status':'error','response':{'reason':'overloaded'}}]");
        client.sends("['4','4','room:42','phx_join',{}]");
        client.receives(OK.replace("'3'", "'4'"));
        say(21, 21);
        client.receives(said(21));
    }

    /** What waits counts for the memory of the endpoint while the oldest join needs it. */
    @Test
    void whatWaitsIsCounted() {
        server.serve("room:*", room(slow()).build());
        long empty = server.hub.memory().used();
        Client client = joining();
        long joining = server.hub.memory().used();
        say(1, 5);
        server.settle();
        long waiting = server.hub.memory().used();
        assertThat(waiting - joining).isBetween(5 * 300L, 5 * 400L);
        client.drops();
        server.settle();
        // The handler runs still. What the connection kept of its rates may be a little more now.
        assertThat(server.hub.memory().used()).isLessThan(waiting - 4 * 300L);
        gate.open();
        server.await(() -> server.hub.memory().used() == empty, () -> "no memory in use");
    }

    @Test
    void aTokenRecoversUpToTheBeginningOfTheJoinAndTheRestFollows() {
        AtomicInteger joins = new AtomicInteger();
        server.serve(
                "room:*",
                room(_ -> {
                            if (joins.incrementAndGet() == 2) {
                                gate.pass();
                            }
                            return Join.ok("a");
                        })
                        .history(History.of(100, AGE, Chat.SAY))
                        .build());
        Client ann = server.connect();
        ann.sends("['3','3','room:42','phx_join',{}]");
        String stream = HistoryToken.stream(ann.next());
        ann.drops();
        say(1, 2);
        Client back = server.connect();
        back.sends("['3','3','room:42','phx_join',{'since':'%s'}]".formatted(HistoryToken.of(stream, 0)));
        server.awaitReached(gate);
        say(3, 4);
        gate.open();
        assertThat(back.next()).contains("\"recovered\":true");
        back.receives(kept(1), kept(2), kept(3), kept(4));
    }

    private final AtomicReference<String> position = new AtomicReference<>();

    /** The state has the first broadcast since the join began. */
    @Test
    void aStateWithItsPositionIsFollowedByWhatItLacks() {
        Gate read = server.gate();
        server.serve(
                "room:*",
                room(join -> {
                            gate.pass();
                            String at = join.position();
                            read.pass();
                            return Join.ok("a").since(at);
                        })
                        .history(History.of(100, AGE, Chat.SAY))
                        .build());
        Client client = joining();
        say(1, 1);
        gate.open();
        server.awaitReached(read);
        say(2, 2);
        server.hub.channels().broadcast("room:42", Chat.SHOUT, new Chat.Text("not kept"));
        read.open();
        String reply = client.next();
        assertThat(HistoryToken.counter(reply)).isEqualTo(1);
        client.receives(kept(2), "[null,null,'room:42','shout',{'text':'not kept'}]");
    }

    /** Of five messages after the position the history keeps two. */
    @Test
    void aStateIsNotRepeatedThoughWhatFollowsIsNotKeptAnyMore() {
        Gate read = server.gate();
        server.serve(
                "room:*",
                room(join -> {
                            gate.pass();
                            String at = join.position();
                            read.pass();
                            return Join.ok("a").since(at);
                        })
                        .history(History.of(2, AGE, Chat.SAY))
                        .build());
        Client client = joining();
        say(1, 3);
        gate.open();
        server.awaitReached(read);
        say(4, 8);
        read.open();
        assertThat(HistoryToken.counter(client.next())).isEqualTo(3);
        client.receives(kept(4), kept(5), kept(6), kept(7), kept(8));
    }

    /** A snapshot that was stored earlier. */
    @Test
    void aStateFromBeforeTheJoinIsFollowedByAllSince() {
        server.serve(
                "room:*",
                room(join -> {
                            if (position.compareAndSet(null, join.position())) {
                                return Join.ok("a");
                            }
                            gate.pass();
                            return Join.ok("a").since(position.get());
                        })
                        .history(History.of(100, AGE, Chat.SAY))
                        .build());
        Client ann = server.connect();
        ann.sends("['3','3','room:42','phx_join',{}]");
        String first = ann.next();
        say(1, 2);
        ann.receives(kept(1), kept(2));
        Client ben = joining();
        say(3, 3);
        ann.receives(kept(3));
        gate.open();
        assertThat(HistoryToken.counter(ben.next())).isEqualTo(HistoryToken.counter(first));
        ben.receives(kept(1), kept(2), kept(3));
    }

    @Test
    void aStateOfAnUnknownPositionIsFollowedByWhatIsBroadcastSinceTheJoinBegan() {
        server.serve(
                "room:*",
                room(_ -> {
                            gate.pass();
                            return Join.ok("a").since("@abc-1.0");
                        })
                        .history(History.of(100, AGE, Chat.SAY))
                        .build());
        Client client = joining();
        say(1, 1);
        gate.open();
        assertThat(HistoryToken.counter(client.next())).isZero();
        client.receives(kept(1));
        assertThat(server.count(Counter.HISTORY_POSITIONS_UNKNOWN)).isEqualTo(1);
    }

    @Test
    void aFirstJoinGetsTheNewestMessages() {
        AtomicInteger joins = new AtomicInteger();
        server.serve(
                "room:*",
                room(_ -> {
                            if (joins.incrementAndGet() == 2) {
                                gate.pass();
                            }
                            return Join.ok("a").newest(2);
                        })
                        .history(History.of(100, AGE, Chat.SAY))
                        .build());
        Client ann = server.connect();
        ann.sends("['3','3','room:42','phx_join',{}]");
        String stream = HistoryToken.stream(ann.next());
        say(1, 3);
        ann.receives(kept(1), kept(2), kept(3));
        ann.drops();
        Client ben = joining();
        say(4, 4);
        gate.open();
        // Without a token: a client that is cut off before the first message has nothing to continue from.
        ben.receives("['3','3','room:42','phx_reply',{'status':'ok','response':{'history':{'recovered':false}}}]");
        ben.receives(kept(2), kept(3), kept(4));
        Client back = server.connect();
        back.sends("['3','3','room:42','phx_join',{'since':'%s'}]".formatted(HistoryToken.of(stream, 0)));
        assertThat(back.next()).contains("\"recovered\":true");
        back.receives(kept(1), kept(2), kept(3), kept(4));
        ben.drops();
    }

    @Test
    void aFirstJoinGetsTheNewestMessageOfEachKey() {
        server.serve(
                "room:*",
                room(_ -> Join.ok("a")
                                .newestOfEach(Chat.SAY, text -> text.text().charAt(0)))
                        .history(History.of(100, AGE, Chat.SAY, Chat.SHOUT))
                        .build());
        Client ann = server.connect();
        ann.sends("['3','3','room:42','phx_join',{}]");
        HistoryToken.stream(ann.next());
        for (String text : new String[] {"a1", "b1", "a2", "c1", "b2"}) {
            server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text(text));
        }
        server.hub.channels().broadcast("room:42", Chat.SHOUT, new Chat.Text("a3"));
        ann.isCareless();
        Client ben = server.connect();
        ben.sends("['3','3','room:42','phx_join',{}]");
        assertThat(ben.next()).contains("\"recovered\":false");
        ben.receives(
                "[null,'@3','room:42','say',{'text':'a2'}]",
                "[null,'@4','room:42','say',{'text':'c1'}]",
                "[null,'@5','room:42','say',{'text':'b2'}]");
    }

    /** The kept messages of two joins are more than a client may leave unread, the newer of which needs them for its state. */
    @ParameterizedTest
    @ValueSource(strings = {"since", "newest", "newestOfEach"})
    void aJoinWhoseFirstMessagesCannotWaitIsRefused(String first) {
        AtomicReference<String> begin = new AtomicReference<>();
        server.serve(
                "room:*",
                room(join -> {
                            boolean empty = begin.compareAndSet(null, join.position());
                            JoinOutcome.Joined<String> ok = Join.ok("a");
                            return switch (empty ? "first" : first) {
                                case "since" -> ok.since(begin.get());
                                case "newest" -> ok.newest(9);
                                case "newestOfEach" -> ok.newestOfEach(Chat.SAY, Chat.Text::text);
                                default -> ok;
                            };
                        })
                        .history(History.of(100, AGE, Chat.SAY))
                        .build());
        Client ann = server.connect();
        ann.sends("['3','3','room:42','phx_join',{}]");
        HistoryToken.stream(ann.next());
        String padding = "x".repeat(Client.HIGH_WATER / 2);
        String[] all = new String[4];
        for (int i = 1; i <= all.length; i++) {
            server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text(i + padding));
            all[i - 1] = kept(i).replace("'}", padding + "'}");
        }
        ann.isCareless();
        Client ben = server.connect();
        ben.stopsTaking();
        ben.sends("['3','3','room:42','phx_join',{}]");
        server.await(() -> server.count(Counter.JOINS_ACCEPTED) == 2, ben::toString);
        ben.sends("['4','4','room:42','phx_join',{}]");
        server.await(() -> server.count(Counter.JOINS_UNREAD) == 1, ben::toString);
        ben.takesAgain();
        assertThat(ben.next()).contains("\"ok\"");
        ben.receives(all);
        ben.receives("['3','3','room:42','phx_close',{}]");
        ben.receives("['4','4','room:42','phx_reply',{'status':'error','response':{'reason':'overloaded'}}]");
        ben.sends("['5','5','room:42','phx_join',{}]");
        assertThat(ben.next()).contains("\"ok\"");
        ben.receives(all);
    }

    private void isMisused(Channel<Object, String> channel, String text) {
        server.serve("room:*", channel);
        Client client = server.connect();
        client.sends("['3','3','room:42','phx_join',{}]");
        assertThat(client.next()).contains("join crashed");
        assertThat(RecordedLog.lines().toString()).contains(text);
        RecordedLog.clear();
    }

    @Test
    void aChannelWithoutAHistoryHasNoPosition() {
        isMisused(
                room(join -> Join.ok(join.position())).build(),
                "Channel 'room:*' keeps no history, so a join has no position; add .history(History.of(...)) to its definition.");
    }

    @Test
    void aChannelWithoutAHistoryHasNoNewestMessages() {
        isMisused(
                room(_ -> Join.ok("a").newest(3)).build(),
                "The join handler of room:* gives kept messages (Newest[limit=3]), and the channel keeps none");
    }

    @Test
    void aTextThatIsNoPositionIsRefused() {
        isMisused(
                room(_ -> Join.ok("a").since("7"))
                        .history(History.of(1, AGE, Chat.SAY))
                        .build(),
                "The join handler of room:* gives the state of the position '7', which is none; give one of join.position()");
    }

    @Test
    void theNewestOfAnEventThatIsNotKeptIsRefused() {
        isMisused(
                room(_ -> Join.ok("a").newestOfEach(Chat.SHOUT, Chat.Text::text))
                        .history(History.of(1, AGE, Chat.SAY))
                        .build(),
                "The join handler of room:* gives the newest 'shout' of each key, and its history keeps [say]");
    }
}
