package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.JoinHandler;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.event.InvalidPayload;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Limits;
import io.heliodor.session.telemetry.Counter;
import jakarta.validation.constraints.NotBlank;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Joins that are accepted or refused, and their replies. */
class JoinTests {
    @AutoClose
    private final TestServer server = new TestServer();

    @AutoClose
    private final TestServer limited = new TestServer(Limits.openInternet().sessions(s -> s.maxChannels(1)));

    private final AtomicInteger leaveHooks = new AtomicInteger();

    private record Enter(String password) {}

    @SuppressWarnings("UnusedMethod") // Jackson calls it
    private record Unwritable(String text) {
        @Override
        public String text() {
            throw new IllegalStateException("not to be read");
        }
    }

    private record Welcome(String motd, int members) {}

    @Test
    void aPatternThatLooksLikeADestinationOfStompIsReported() {
        RecordedLog.clear();
        server.serve("/topic/room", Channel.join(join -> Join.ok("")).build());
        server.connect().joins("1", "/topic/room");
        assertThat(RecordedLog.linesAbout("The pattern '/topic/room' begins with a slash"))
                .hasSize(1);
    }

    /** A client of a server with one channel whose leave hooks are counted. */
    private Client joining(JoinHandler<Object, Object> handler) {
        server.serve(
                "room:*",
                Channel.join(handler)
                        .onLeave((why, room) -> leaveHooks.incrementAndGet())
                        .build());
        return server.connect();
    }

    @Test
    void aJoinIsAnsweredWithAnEmptyReply() {
        Client client = joining(join -> Join.ok("a"));
        client.sends("['3','3','room:42','phx_join',{}]");
        client.receives("['3','3','room:42','phx_reply',{'status':'ok','response':{}}]");
    }

    @Test
    void aJoinIsAnsweredWithAReply() {
        Client client = joining(join -> Join.ok("a", new Welcome("hi", 3)));
        client.sends("['3','3','room:42','phx_join',{}]");
        client.receives("['3','3','room:42','phx_reply',{'status':'ok','response':{'motd':'hi','members':3}}]");
    }

    @Test
    void aJoinIsRefusedWithAReason() {
        Client client = joining(join -> Join.refuse("unauthorized"));
        client.sends("['3','3','room:42','phx_join',{}]");
        client.receives("['3','3','room:42','phx_reply',{'status':'error','response':{'reason':'unauthorized'}}]");
    }

    @Test
    void aJoinIsRefusedWithAPayload() {
        Client client = joining(join -> Join.refuse(new Welcome("full", 9)));
        client.sends("['3','3','room:42','phx_join',{}]");
        client.receives("['3','3','room:42','phx_reply',{'status':'error','response':{'motd':'full','members':9}}]");
    }

    @Test
    void aRefusedClientIsNotAMemberAndMayTryAgain() {
        var tries = new AtomicInteger();
        Client client = joining(join -> tries.incrementAndGet() < 3 ? Join.refuse("wait") : Join.ok("a"));
        for (int ref = 1; ref <= 2; ref++) {
            client.sends("['%d','%d','room:42','phx_join',{}]".formatted(ref, ref));
            client.receives("['%d','%d','room:42','phx_reply',{'status':'error','response':{'reason':'wait'}}]"
                    .formatted(ref, ref));
        }
        client.sends("['2','9','room:42','say',{}]");
        client.receives("[null,'9','room:42','phx_reply',{'status':'error','response':{'reason':'unmatched topic'}}]");
        client.joins("3", "room:42");

        assertThat(server.count(Counter.JOINS_REFUSED)).isEqualTo(2);
        assertThat(leaveHooks).as("leave hooks of refused joins").hasValue(0);
    }

    @Test
    void messagesAfterAJoinThatIsRefusedAreUnmatched() {
        Gate gate = server.gate();
        Client client = joining(join -> {
            gate.pass();
            return Join.refuse("no");
        });
        client.sends(
                "['3','3','room:42','phx_join',{}]",
                "['3','4','room:42','say',{}]",
                "['3','5','room:42','phx_leave',{}]");
        gate.open();
        client.receives(
                "['3','3','room:42','phx_reply',{'status':'error','response':{'reason':'no'}}]",
                "[null,'4','room:42','phx_reply',{'status':'error','response':{'reason':'unmatched topic'}}]",
                "['3','5','room:42','phx_reply',{'status':'ok','response':{}}]");
    }

    @Test
    void messagesAfterAJoinWaitForIt() {
        Gate gate = server.gate();
        server.serve(
                "room:*",
                Channel.join(join -> {
                            gate.pass();
                            return Join.ok("a");
                        })
                        .answer(Chat.ASK, (text, room) -> Reply.ok(text))
                        .build());
        Client client = server.connect();
        client.sends("['3','3','room:42','phx_join',{}]", "['3','4','room:42','ask',{'text':'early'}]");
        server.awaitReached(gate);
        gate.open();
        client.receives(
                "['3','3','room:42','phx_reply',{'status':'ok','response':{}}]",
                "['3','4','room:42','phx_reply',{'status':'ok','response':{'text':'early'}}]");
    }

    @Test
    void aLeaveAfterAJoinWaitsForItAndLeaves() {
        Gate gate = server.gate();
        Queue<LeaveReason> left = new ConcurrentLinkedQueue<>();
        server.serve(
                "room:*",
                Channel.join(join -> {
                            gate.pass();
                            return Join.ok("a");
                        })
                        .onLeave((why, room) -> left.add(why))
                        .build());
        Client client = server.connect();
        client.sends("['3','3','room:42','phx_join',{}]", "['3','4','room:42','phx_leave',{}]");
        server.awaitReached(gate);
        server.settle();
        assertThat(client.received()).isEmpty();
        gate.open();
        client.receives(
                "['3','3','room:42','phx_reply',{'status':'ok','response':{}}]",
                "['3','4','room:42','phx_reply',{'status':'ok','response':{}}]",
                "['3','3','room:42','phx_close',{}]");
        assertThat(left).containsExactly(new LeaveReason.Left());
        assertThat(server.hub.topics()).isZero();
    }

    @Test
    void aJoinHandlerThatThrowsRefusesTheClient() {
        Client client = joining(join -> {
            throw new IllegalStateException("the database of joincrash");
        });
        client.sends("['3','3','room:joincrash','phx_join',{}]");
        client.receives(
                "['3','3','room:joincrash','phx_reply',{'status':'error','response':{'reason':'join crashed'}}]");
        assertThat(RecordedLog.linesAbout("room:joincrash"))
                .singleElement()
                .satisfies(line -> assertThat(line.thrown()).hasMessage("the database of joincrash"));
        assertThat(leaveHooks).hasValue(0);
    }

    @Test
    void aJoinHandlerThatOverflowsTheStackRefusesTheClient() {
        Client client = joining(JoinTests::endlessly);
        client.sends("['3','3','room:42','phx_join',{}]");
        client.receives("['3','3','room:42','phx_reply',{'status':'error','response':{'reason':'join crashed'}}]");
    }

    @SuppressWarnings("InfiniteRecursion") // that is the point
    private static io.heliodor.channel.JoinOutcome<Object> endlessly(Join<Object> join) {
        return endlessly(join);
    }

    @Test
    void aJoinHandlerThatReturnsNullRefusesTheClient() {
        Client client = joining(join -> null);
        client.sends("['3','3','room:joinnull','phx_join',{}]");
        client.receives(
                "['3','3','room:joinnull','phx_reply',{'status':'error','response':{'reason':'join crashed'}}]");
        assertThat(RecordedLog.linesAbout("room:joinnull"))
                .singleElement()
                .satisfies(
                        line -> assertThat(line.thrown())
                                .hasMessage(
                                        "The join handler of room:* returned null; return Join.ok(assigns) or Join.refuse(reason)."));
    }

    @Test
    void aJoinWithoutAssignsRefusesTheClient() {
        Client client = joining(join -> Join.ok(null));
        client.sends("['3','3','room:noassigns','phx_join',{}]");
        client.receives(
                "['3','3','room:noassigns','phx_reply',{'status':'error','response':{'reason':'join crashed'}}]");
        assertThat(RecordedLog.linesAbout("room:noassigns"))
                .singleElement()
                .satisfies(line -> assertThat(line.thrown()).hasMessageContaining("Empty.EMPTY"));
    }

    @Test
    void aReplyThatCannotBeWrittenRefusesTheClient() {
        Client client = joining(join -> Join.ok("a", new Unwritable("x")));
        client.sends("['3','3','room:42','phx_join',{}]");
        client.receives("['3','3','room:42','phx_reply',{'status':'error','response':{'reason':'join crashed'}}]");
    }

    @Test
    void thePayloadOfAJoinIsReadAsItsType() {
        server.serve(
                "room:*",
                Channel.join(Enter.class, (enter, join) -> Join.ok(enter.password()))
                        .onJoined(room -> room.push(Chat.SAY, new Chat.Text(room.assigns())))
                        .build());
        Client client = server.connect();
        client.sends("['3','3','room:42','phx_join',{'password':'sesame'}]");
        client.receives(
                "['3','3','room:42','phx_reply',{'status':'ok','response':{}}]",
                "['3',null,'room:42','say',{'text':'sesame'}]");
    }

    @Test
    void theRestOfATopicIsReadAsAKey() {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(join.subtopic(Integer::parseInt)))
                        .onJoined(room -> room.push(Chat.COUNT, new Chat.Amount(room.assigns())))
                        .build());
        Client client = server.connect();
        client.sends("['3','3','room:42','phx_join',{}]", "['4','4','room:lobby','phx_join',{}]");
        client.receivesInAnyOrder(
                "['3','3','room:42','phx_reply',{'status':'ok','response':{}}]",
                "['3',null,'room:42','count',{'number':42}]",
                "['4','4','room:lobby','phx_reply',{'status':'error','response':{'reason':'unmatched topic'}}]");
        assertThat(RecordedLog.linesAbout("lobby")).isEmpty();
    }

    @Test
    void aJoinWhosePayloadDoesNotFitIsRefusedWithTheField() {
        server.serve(
                "room:*",
                Channel.join(Enter.class, (enter, join) -> Join.ok("a")).build());
        Client client = server.connect();
        client.sends("['3','3','room:misfit','phx_join',{'password':7}]");
        assertThat(client.next())
                .startsWith("[\"3\",\"3\",\"room:misfit\",\"phx_reply\",{\"status\":\"error\",\"response\":"
                        + "{\"reason\":\"invalid_payload\",\"field\":\"password\",\"message\":");
        assertThat(server.count(Counter.PAYLOADS_INVALID)).isEqualTo(1);
        assertThat(RecordedLog.linesAbout("room:misfit")).isEmpty();
    }

    record Constrained(@NotBlank String password) {}

    private static Channel.Builder<Object, String> readsItsPayload() {
        return Channel.join(join -> Join.ok(join.payload(Constrained.class).password()));
    }

    @Test
    void aJoinHandlerThatReadsAPayloadWithConstraintsNeedsAValidator() {
        server.serve("room:*", readsItsPayload().build());
        Client client = server.connect();
        for (String password : new String[] {"sesame", ""}) {
            client.sends("['3','3','room:constrained','phx_join',{'password':'" + password + "'}]");
            client.receives(
                    "['3','3','room:constrained','phx_reply',{'status':'error','response':{'reason':'join crashed'}}]");
        }
        assertThat(RecordedLog.linesAbout("room:constrained"))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line.thrown())
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContainingAll(
                                "Channel 'room:*'", Constrained.class.getName(), "@NotBlank", "validator(...)"));
    }

    @Test
    void aJoinHandlerThatReadsAPayloadWithConstraintsHasAValidator() {
        Client client = server.connectTo(UserSocket.open()
                .channel("room:*", readsItsPayload().build())
                .validator(payload -> {
                    if (((Constrained) payload).password().isBlank()) {
                        throw new InvalidPayload("password", "must not be blank");
                    }
                })
                .build());
        client.sends("['3','3','room:1','phx_join',{'password':'sesame'}]");
        client.receives("['3','3','room:1','phx_reply',{'status':'ok','response':{}}]");
        client.sends("['4','4','room:2','phx_join',{'password':''}]");
        client.receives("['4','4','room:2','phx_reply',{'status':'error','response':{'reason':'invalid_payload',"
                + "'field':'password','message':'must not be blank'}}]");
    }

    @Test
    void aJoinHandlerSeesTopicSubtopicPayloadAndSocket() {
        var seen = new AtomicReference<String>();
        server.serve(
                "room:*",
                Channel.join(join -> {
                            seen.set(join.topic() + " " + join.subtopic() + " "
                                    + join.payload(Chat.Text.class).text() + " "
                                    + join.socket().assigns() + " "
                                    + join.socket().id().orElseThrow());
                            return Join.ok("a");
                        })
                        .build());
        Client client = server.connect("the user", Optional.of("users:1"), 0);
        client.sends("['3','3','room:42','phx_join',{'text':'hi'}]");
        client.receives("['3','3','room:42','phx_reply',{'status':'ok','response':{}}]");
        assertThat(seen).hasValue("room:42 42 hi the user users:1");
    }

    @Test
    void theAssignsOfTheConnectionReachItsChannels() {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(join.socket().assigns()))
                        .answer(Chat.PING, (nothing, room) -> Reply.error(room.assigns() + " in " + room.subtopic()))
                        .build());
        Client client = server.connect("ada", Optional.empty(), 0);
        client.joins("1", "room:a");
        client.joins("2", "room:b");
        client.sends("['1','8','room:a','ping',{}]");
        client.receives("['1','8','room:a','phx_reply',{'status':'error','response':{'reason':'ada in a'}}]");
        client.sends("['2','9','room:b','ping',{}]");
        client.receives("['2','9','room:b','phx_reply',{'status':'error','response':{'reason':'ada in b'}}]");
    }

    @Test
    void aHandlerMayReplaceTheAssignsOfItsChannel() {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(0))
                        .onJoined(room -> room.assign(10))
                        .answer(Chat.ADD, (added, room) -> {
                            room.update(sum -> sum + added.number());
                            return Reply.ok(new Chat.Amount(room.assigns()));
                        })
                        .build());
        Client client = server.connect();
        client.joins("1", "room:a");
        client.joins("2", "room:b");
        client.sends("['1','8','room:a','add',{'number':1}]", "['1','9','room:a','add',{'number':5}]");
        client.receives(
                "['1','8','room:a','phx_reply',{'status':'ok','response':{'number':11}}]",
                "['1','9','room:a','phx_reply',{'status':'ok','response':{'number':16}}]");
        client.sends("['2','8','room:b','add',{'number':2}]");
        client.receives("['2','8','room:b','phx_reply',{'status':'ok','response':{'number':12}}]");
    }

    @Test
    void theHooksOfAJoinRunInOrderAfterItsReply() {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok("a"))
                        .onJoined(room -> room.push(Chat.SAY, new Chat.Text("first")))
                        .onJoined(room -> room.broadcast(Chat.SAY, new Chat.Text("second")))
                        .answer(Chat.PING, (nothing, room) -> Reply.ok())
                        .build());
        Client client = server.connect();
        client.sends("['3','3','room:42','phx_join',{}]", "['3','4','room:42','ping',{}]");
        client.receives(
                "['3','3','room:42','phx_reply',{'status':'ok','response':{}}]",
                "['3',null,'room:42','say',{'text':'first'}]",
                "[null,null,'room:42','say',{'text':'second'}]",
                "['3','4','room:42','phx_reply',{'status':'ok','response':{}}]");
    }

    @Test
    void aHookThatThrowsEndsTheJoinedChannel() {
        var why = new AtomicReference<LeaveReason>();
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok("a"))
                        .onJoined(room -> {
                            throw new IllegalStateException("hook of the join");
                        })
                        .onLeave((reason, room) -> why.set(reason))
                        .build());
        Client client = server.connect();
        client.sends("['3','3','room:42','phx_join',{}]");
        client.receives(
                "['3','3','room:42','phx_reply',{'status':'ok','response':{}}]",
                "['3','3','room:42','phx_error',{'reason':'channel_crash'}]");
        assertThat(why.get()).isInstanceOf(LeaveReason.Failed.class);
    }

    @Test
    void aTopicThatNoPatternMatchesIsUnmatched() {
        Client client = joining(join -> Join.ok("a"));
        client.sends("['3','3','nowhere','phx_join',{}]");
        client.receives("[null,'3','nowhere','phx_reply',{'status':'error','response':{'reason':'unmatched topic'}}]");
        assertThat(server.count(Counter.JOINS_REFUSED)).isEqualTo(1);
    }

    @Test
    void theMostExactPatternServesATopic() {
        for (String pattern : List.of("*", "room:*", "room:vip:*", "room:vip:1")) {
            server.serve(
                    pattern,
                    Channel.join(join -> Join.ok("a", Map.of("by", pattern + " " + join.subtopic())))
                            .build());
        }
        Client client = server.connect();
        Map<String, String> expected = Map.of(
                "lobby", "* lobby",
                "room:", "room:* ",
                "room:7", "room:* 7",
                "room:vip:2", "room:vip:* 2",
                "room:vip:1", "room:vip:1 room:vip:1");
        expected.forEach((topic, by) -> {
            client.sends("['3','3','%s','phx_join',{}]".formatted(topic));
            client.receives("['3','3','%s','phx_reply',{'status':'ok','response':{'by':'%s'}}]".formatted(topic, by));
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a\\u0000b",
                "room:\\u007f",
                "room:\\u0085",
                "room:\\ud800",
                "room:\\udc00x",
                "room:\\udc00\\ud800"
            })
    void anInvalidTopicIsRefused(String topic) {
        Client client = joining(join -> Join.ok("a"));
        client.sends("['3','4','%s','phx_join',{}]".formatted(topic));
        assertThat(client.next())
                .startsWith("[\"3\",\"4\",\"")
                .endsWith("\",\"phx_reply\",{\"status\":\"error\",\"response\":{\"reason\":\"invalid topic\"}}]");
    }

    @Test
    void aTopicHas255BytesAtTheMost() {
        Client client = joining(join -> Join.ok("a"));
        client.joins("1", "room:" + "x".repeat(250));
        client.joins("2", "room:" + "é".repeat(125));
        for (String topic : List.of("room:" + "x".repeat(251), "room:" + "é".repeat(125) + "x")) {
            client.sends("['3','3','%s','phx_join',{}]".formatted(topic));
            client.receives("['3','3','%s','phx_reply',{'status':'error','response':{'reason':'invalid topic'}}]"
                    .formatted(topic));
        }
    }

    @Test
    void aTopicWithCharactersBeyondTheFirstPlaneIsJoined() {
        Client client = joining(join -> Join.ok("a"));
        client.joins("1", "room:😀");
    }

    @Test
    void oneChannelMoreThanAllowedIsRefused() {
        Client client = joining(join -> Join.ok("a"));
        for (int i = 1; i <= 100; i++) {
            client.joins("" + i, "room:" + i);
        }
        client.sends("['101','101','room:101','phx_join',{}]");
        client.receives(
                "['101','101','room:101','phx_reply',{'status':'error','response':{'reason':'too many channels joined'}}]");
    }

    @Test
    void theNumberOfChannelsIsConfigured() {
        limited.serve("room:*", Channel.join(join -> Join.ok("a")).build());
        Client client = limited.connect();
        client.joins("1", "room:1");
        client.sends("['2','2','room:2','phx_join',{}]");
        client.receives(
                "['2','2','room:2','phx_reply',{'status':'error','response':{'reason':'too many channels joined'}}]");

        client.sends("['3','3','room:1','phx_join',{}]");
        client.receives(
                "['1','1','room:1','phx_close',{}]", "['3','3','room:1','phx_reply',{'status':'ok','response':{}}]");
        client.sends("['3','4','room:1','phx_leave',{}]");
        client.receives(
                "['3','4','room:1','phx_reply',{'status':'ok','response':{}}]", "['3','3','room:1','phx_close',{}]");
        client.joins("5", "room:2");
    }

    @Test
    void channelsMayBeAsGoodAsUnlimited() {
        try (var unlimited = new TestServer(Limits.openInternet().sessions(s -> s.maxChannels(Integer.MAX_VALUE)))) {
            unlimited.serve("room:*", Channel.join(join -> Join.ok("a")).build());
            Client client = unlimited.connect();
            for (int i = 1; i <= 300; i++) {
                client.joins("" + i, "room:" + i);
            }
        }
    }

    @Test
    void eachOfManyChannelsIsFoundByItsTopicUntilItIsLeft() {
        var joins = new AtomicInteger();
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(joins.incrementAndGet()))
                        .answer(Chat.ADD, (input, room) -> Reply.ok(new Chat.Amount(room.assigns())))
                        .build());
        Client client = server.connect();
        for (int i = 1; i <= 40; i++) {
            client.joins("" + i, "room:" + i);
        }
        client.sends("['7','50','room:7','phx_leave',{}]");
        client.receives(
                "['7','50','room:7','phx_reply',{'status':'ok','response':{}}]", "['7','7','room:7','phx_close',{}]");
        client.sends("['8','8a','room:8','phx_join',{}]");
        client.receives(
                "['8','8','room:8','phx_close',{}]", "['8','8a','room:8','phx_reply',{'status':'ok','response':{}}]");
        for (int i = 1; i <= 40; i++) {
            client.sends("[null,'x','room:" + i + "','add',{'number':0}]");
            client.receives(
                    i == 7
                            ? "[null,'x','room:7','phx_reply',{'status':'error','response':{'reason':'unmatched topic'}}]"
                            : "['" + i + "','x','room:" + i + "','phx_reply',{'status':'ok','response':{'number':"
                                    + (i == 8 ? 41 : i) + "}}]");
        }
    }

    @Test
    void aServerThatDrainsRefusesJoins() {
        Client client = joining(join -> Join.ok("a"));
        client.joins("1", "room:1");
        server.hub.drain();
        client.sends("['2','2','room:2','phx_join',{}]");
        client.receives("['2','2','room:2','phx_reply',{'status':'error','response':{'reason':'draining'}}]");
    }

    @Test
    void theClientOfAJoinThatIsTooSlowMayDisconnect() {
        Gate gate = server.gate();
        Client client = joining(join -> {
            gate.pass();
            return Join.ok(Empty.EMPTY);
        });
        client.sends("['3','3','room:42','phx_join',{}]");
        server.awaitReached(gate);
        client.drops();
        gate.open();
        server.await(() -> leaveHooks.get() == 1, () -> "the leave hook of a join that was accepted");
    }
}
