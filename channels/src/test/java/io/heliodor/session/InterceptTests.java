package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.InterceptHandler;
import io.heliodor.channel.Join;
import io.heliodor.channel.JoinedHook;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.Out;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Limits;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.type.Type;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Broadcasts that a channel intercepts. */
class InterceptTests {
    @AutoClose
    private final TestServer server = new TestServer(Limits.openInternet().sessions(s -> s.maxMailboxMessages(3)));

    private final Queue<LeaveReason> left = new ConcurrentLinkedQueue<>();

    /** Each member's assigns are its join_ref's place in the alphabet: the payload of its join. */
    private void serve(InterceptHandler<Object, String, Chat.Text> intercept) {
        serve(intercept, room -> {});
    }

    private void serve(InterceptHandler<Object, String, Chat.Text> intercept, JoinedHook<Object, String> joined) {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(join.payload(Chat.Text.class).text()))
                        .onJoined(joined)
                        .on(Chat.SAY, (text, room) -> room.broadcastFrom(Chat.SHOUT, text))
                        .answer(Chat.PING, (nothing, room) -> Reply.ok())
                        .intercept(Chat.SHOUT, intercept)
                        .onLeave((why, room) -> left.add(why))
                        .build());
    }

    private Client member(String name) {
        Client client = server.connect();
        client.sends("['3','3','room:42','phx_join',{'text':'%s'}]".formatted(name));
        client.receives("['3','3','room:42','phx_reply',{'status':'ok','response':{}}]");
        return client;
    }

    @Test
    void eachMemberPassesReplacesOrDrops() {
        serve((text, room) -> switch (room.assigns()) {
            case "pass" -> Out.pass();
            case "replace" -> Out.replace(new Chat.Text(text.text() + " for " + room.subtopic()));
            default -> Out.drop();
        });
        Client pass = member("pass");
        Client replace = member("replace");
        Client drop = member("drop");

        server.hub.channels().broadcast("room:42", Chat.SHOUT, new Chat.Text("hi"));
        pass.receives("[null,null,'room:42','shout',{'text':'hi'}]");
        replace.receives("[null,null,'room:42','shout',{'text':'hi for 42'}]");
        drop.sends("['3','8','room:42','ping',{}]");
        drop.receives("['3','8','room:42','phx_reply',{'status':'ok','response':{}}]");
    }

    @Test
    void anEventWithoutAnInterceptIsNotIntercepted() {
        serve((text, room) -> Out.drop());
        Client client = member("a");
        server.hub.channels().broadcast("room:42", Chat.GO, io.heliodor.event.Empty.EMPTY);
        client.receives("[null,null,'room:42','go',{}]");
    }

    @Test
    void aMemberWithoutAnInterceptDoesNotWaitForOneThatIntercepts() {
        Gate gate = server.gate();
        serve((text, room) -> {
            gate.pass();
            return Out.pass();
        });
        Client looking = member("a");
        UserSocket<Object> plain = UserSocket.open()
                .channel("room:*", Channel.join(join -> Join.ok("a")).build())
                .build();
        Client other = server.connectTo(plain);
        other.joins("3", "room:42");
        server.hub.channels().broadcast("room:42", Chat.SHOUT, new Chat.Text("1"));
        other.receives("[null,null,'room:42','shout',{'text':'1'}]");
        server.awaitReached(gate);
        assertThat(looking.received()).isEmpty();
        gate.open();
        looking.receives("[null,null,'room:42','shout',{'text':'1'}]");

        looking.drops();
        Client third = server.connectTo(plain);
        third.joins("3", "room:42");
        server.settle();
        int before = third.buffers().size();
        for (String text : List.of("2", "3")) {
            server.hub.channels().broadcast("room:42", Chat.SHOUT, new Chat.Text(text));
        }
        other.receives("[null,null,'room:42','shout',{'text':'2'}]", "[null,null,'room:42','shout',{'text':'3'}]");
        third.receives("[null,null,'room:42','shout',{'text':'2'}]", "[null,null,'room:42','shout',{'text':'3'}]");
        assertThat(third.buffers().subList(before, third.buffers().size()))
                .as("buffers when no member intercepts any more")
                .containsExactly(2);
    }

    @Test
    void theSenderIsSkippedBeforeItsInterceptRuns() {
        var looked = new ConcurrentLinkedQueue<String>();
        serve((text, room) -> {
            looked.add(room.assigns());
            return Out.pass();
        });
        Client sender = member("sender");
        Client other = member("other");
        sender.sends("['3','8','room:42','say',{'text':'hi'}]");
        other.receives("[null,null,'room:42','shout',{'text':'hi'}]");
        assertThat(looked).containsExactly("other");
    }

    @Test
    void theInterceptGetsTheBroadcastPayload() {
        var given = new Chat.Text("hi");
        var got = new ConcurrentLinkedQueue<Chat.Text>();
        serve((text, room) -> {
            got.add(text);
            return Out.drop();
        });
        Client client = member("a");
        server.hub.channels().broadcast("room:42", Chat.SHOUT, given);
        server.hub
                .channels()
                .broadcast("room:42", Event.of("shout", new Type<Map<String, String>>() {}), Map.of("text", "map"));
        server.await(() -> got.size() == 2, got::toString);
        assertThat(got.remove()).isSameAs(given);
        assertThat(got.remove()).isEqualTo(new Chat.Text("map"));
        assertThat(client.received()).isEmpty();
    }

    @Test
    void aRawBroadcastIsReadAsTheTypeOfTheIntercept() {
        Event<Raw> raw = Event.of("shout", Raw.class);
        server.serve(
                "raw:*",
                Channel.join(join -> Join.ok("a"))
                        .on(raw, (payload, room) -> room.broadcast(raw, payload))
                        .intercept(Chat.SHOUT, (text, room) -> Out.replace(new Chat.Text(text.text() + "!")))
                        .build());
        Client client = server.connect();
        client.joins("3", "raw:1");
        client.sends("['3','8','raw:1','shout',{'text':'hi'}]");
        client.receives("[null,null,'raw:1','shout',{'text':'hi!'}]");
    }

    @Test
    void aBroadcastOfAnotherShapeEndsTheChannel() {
        serve((text, room) -> Out.pass());
        Client client = member("a");
        server.hub.channels().broadcast("room:42", Event.of("shout", Chat.Amount.class), new Chat.Amount(1));
        client.receives("['3','3','room:42','phx_error',{'reason':'channel_crash'}]");
        assertThat(left)
                .singleElement()
                .satisfies(why -> assertThat(((LeaveReason.Failed) why).cause())
                        .hasMessageStartingWith("A broadcast of 'shout' does not fit the type " + Chat.SHOUT.type()
                                + " of its intercept: text "));
    }

    @Test
    void anInterceptThatReturnsNullEndsTheChannel() {
        serve((text, room) -> null);
        Client client = member("a");
        server.hub.channels().broadcast("room:42", Chat.SHOUT, new Chat.Text("hi"));
        client.receives("['3','3','room:42','phx_error',{'reason':'channel_crash'}]");
        assertThat(left)
                .singleElement()
                .satisfies(why -> assertThat(((LeaveReason.Failed) why).cause())
                        .hasMessage("The intercept of 'shout' returned null;"
                                + " return Out.pass(), Out.replace(payload) or Out.drop()."));
    }

    @Test
    void anInterceptThatThrowsEndsItsOwnChannelAlone() {
        serve((text, room) -> {
            if (room.assigns().equals("bad")) {
                throw new IllegalStateException("bad");
            }
            return Out.pass();
        });
        Client good = member("good");
        Client bad = member("bad");
        server.hub.channels().broadcast("room:42", Chat.SHOUT, new Chat.Text("hi"));
        bad.receives("['3','3','room:42','phx_error',{'reason':'channel_crash'}]");
        good.receives("[null,null,'room:42','shout',{'text':'hi'}]");
    }

    @Test
    void interceptedBroadcastsKeepTheirOrder() {
        serve((text, room) -> Out.pass());
        Client client = member("a");
        for (int round = 0; round < 100; round++) {
            for (int i = 0; i < 3; i++) {
                server.hub.channels().broadcast("room:42", Chat.SHOUT, new Chat.Text(round + "." + i));
            }
            for (int i = 0; i < 3; i++) {
                client.receives("[null,null,'room:42','shout',{'text':'%d.%d'}]".formatted(round, i));
            }
        }
    }

    @Test
    void aMemberWhoseMailboxIsFullWhenABroadcastComesEnds() {
        Gate gate = server.gate();
        serve((text, room) -> {
            if (room.assigns().equals("slow")) {
                gate.pass();
            }
            return Out.pass();
        });
        Client slow = member("slow");
        Client quick = member("quick");
        for (int i = 0; i <= 5; i++) {
            server.hub.channels().broadcast("room:42", Chat.SHOUT, new Chat.Text("" + i));
            quick.receives("[null,null,'room:42','shout',{'text':'%d'}]".formatted(i));
        }
        slow.receives("['3','3','room:42','phx_error',{'reason':'channel_crash'}]");
        assertThat(slow.closed()).as("the connection of the slow member").isFalse();
        gate.open();
        server.await(() -> left.size() == 1, left::toString);
        assertThat(left)
                .singleElement()
                .satisfies(why -> assertThat(((LeaveReason.Failed) why).cause())
                        .hasMessage("its mailbox was full when a broadcast came"));
        assertThat(server.count(Counter.CHANNELS_FAILED)).isEqualTo(1);
        assertThat(server.count(Counter.MESSAGES_DROPPED)).isPositive();
        slow.sends("['4','4','room:42','phx_join',{'text':'again'}]");
        slow.receives("['4','4','room:42','phx_reply',{'status':'ok','response':{}}]");
    }

    @Test
    void aBroadcastThatComesWhileAChannelLeavesDoesNotDisturbItsEnd() {
        Gate hook = server.gate();
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok("a"))
                        .intercept(Chat.SHOUT, (text, room) -> Out.pass())
                        .onLeave((why, room) -> hook.pass())
                        .build());
        Client client = server.connect();
        client.joins("3", "room:leavingintercept");
        client.sends("['3','8','room:leavingintercept','phx_leave',{}]");
        server.awaitReached(hook);
        server.hub.channels().broadcast("room:leavingintercept", Chat.SHOUT, new Chat.Text("hi"));
        server.settle();
        hook.open();
        client.receives(
                "['3','8','room:leavingintercept','phx_reply',{'status':'ok','response':{}}]",
                "['3','3','room:leavingintercept','phx_close',{}]");
        assertThat(server.count(Counter.CHANNELS_FAILED)).isZero();
        assertThat(RecordedLog.linesAbout("room:leavingintercept")).isEmpty();
    }

    @Test
    void pushesOfAnInterceptKeepTheirOrder() {
        serve((text, room) -> {
            room.push(Chat.SAY, new Chat.Text("before " + text.text()));
            return Out.pass();
        });
        Client client = member("a");
        for (String text : List.of("1", "2")) {
            server.hub.channels().broadcast("room:42", Chat.SHOUT, new Chat.Text(text));
        }
        client.receives(
                "['3',null,'room:42','say',{'text':'before 1'}]",
                "[null,null,'room:42','shout',{'text':'1'}]",
                "['3',null,'room:42','say',{'text':'before 2'}]",
                "[null,null,'room:42','shout',{'text':'2'}]");
    }

    @Test
    void theFirstBroadcastThatIsInterceptedComesAfterTheHooksOfTheJoin() {
        Gate gate = server.gate();
        var rooms = new ConcurrentLinkedQueue<Context<?, String>>();
        serve((text, room) -> Out.replace(new Chat.Text(text.text() + " of " + rooms.size())), room -> {
            gate.pass();
            rooms.add(room);
        });
        Client client = member("a");
        server.awaitReached(gate);
        server.hub.channels().broadcast("room:42", Chat.SHOUT, new Chat.Text("hi"));
        server.settle();
        gate.open();
        client.receives("[null,null,'room:42','shout',{'text':'hi of 1'}]");
    }
}
