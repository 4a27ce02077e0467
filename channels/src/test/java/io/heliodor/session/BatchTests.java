package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.Out;
import io.heliodor.channel.SlowPolicy;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Event;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Limits;
import io.heliodor.session.telemetry.Counter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Broadcasts of one turn that share a buffer, and the messages that each member gets of it. */
class BatchTests {
    private static final Event<Chat.Text> TYPING = Event.of("typing", Chat.Text.class);
    private static final Event<Chat.Text> NOTE = Event.of("note", Chat.Text.class);
    private static final String LARGE = "x".repeat(10_000);

    @AutoClose
    private final TestServer server =
            new TestServer(Limits.openInternet(), List.of(TestLoop.byHand(), TestLoop.byHand()));

    private final List<Context<?, String>> members = new CopyOnWriteArrayList<>();

    private Channel<Object, String> channel(UnaryOperator<Channel.Builder<Object, String>> change) {
        return change.apply(Channel.join(join -> Join.ok(join.topic())).onJoined(members::add))
                .build();
    }

    private void serve(UnaryOperator<Channel.Builder<Object, String>> change) {
        server.serve("room:*", channel(change));
    }

    /** Returns a member by another definition of the same topic. */
    private Client otherMember(UnaryOperator<Channel.Builder<Object, String>> change) {
        return joins(server.connectTo(
                UserSocket.open().channel("room:*", channel(change)).build()));
    }

    private Client member() {
        return joins(server.connect());
    }

    private Client joins(Client client) {
        int before = members.size();
        client.joins("3", "room:42");
        Awaitility.await().atMost(TestServer.DEADLINE).until(() -> members.size() > before);
        server.settle();
        return client;
    }

    private void broadcast(Event<Chat.Text> event, String text) {
        server.hub.channels().broadcast("room:42", event, new Chat.Text(text));
    }

    private static String shared(Event<Chat.Text> event, String text) {
        return "[null,null,'room:42','%s',{'text':'%s'}]".formatted(event.name(), text);
    }

    private static String shared(String text) {
        return shared(Chat.SAY, text);
    }

    private static List<Integer> since(int before, Client client) {
        return client.buffers().subList(before, client.buffers().size());
    }

    @Test
    void broadcastsFromMembersShareABuffer() {
        serve(room -> room);
        Client ana = member();
        Client ben = member();
        Client cem = member();
        int before = cem.buffers().size();
        broadcast(Chat.SAY, "1");
        members.get(0).broadcastFrom(Chat.SAY, new Chat.Text("of ana"));
        members.get(1).broadcastFrom(Chat.SAY, new Chat.Text("of ben"));
        broadcast(Chat.SAY, "2");
        cem.receives(shared("1"), shared("of ana"), shared("of ben"), shared("2"));
        ana.receives(shared("1"), shared("of ben"), shared("2"));
        ben.receives(shared("1"), shared("of ana"), shared("2"));
        assertThat(since(before, cem)).containsExactly(4);
    }

    @Test
    void aSenderGetsThePartsOfTheBufferAroundItsOwnMessages() {
        serve(room -> room);
        Client ana = member();
        Client ben = member();
        int before = ana.buffers().size();
        for (String text : List.of("1", "2")) {
            broadcast(Chat.SAY, text);
        }
        members.getFirst().broadcastFrom(Chat.SAY, new Chat.Text("of ana"));
        members.getFirst().broadcastFrom(Chat.SAY, new Chat.Text("of ana again"));
        for (String text : List.of("3", "4", "5")) {
            broadcast(Chat.SAY, text);
        }
        members.getFirst().broadcastFrom(Chat.SAY, new Chat.Text("the last of ana"));
        ana.receives(shared("1"), shared("2"), shared("3"), shared("4"), shared("5"));
        assertThat(since(before, ana)).containsExactly(2, 3);
        ben.receives(
                shared("1"),
                shared("2"),
                shared("of ana"),
                shared("of ana again"),
                shared("3"),
                shared("4"),
                shared("5"),
                shared("the last of ana"));
    }

    @Test
    void aSenderOfMostOfABatchDoesNotKeepItsBufferAlive() {
        serve(room -> room);
        Client ana = member();
        Client ben = member();
        ana.stopsTaking();
        int buffers = server.loop().buffers();
        members.getFirst().broadcastFrom(Chat.SAY, new Chat.Text(LARGE));
        broadcast(Chat.SAY, "small");
        ben.receives(shared(LARGE), shared("small"));
        assertThat(server.loop().bytesKept())
                .as("bytes of the buffers that wait for ana's socket")
                .isLessThan(LARGE.length());
        assertThat(server.loop().buffers()).isEqualTo(buffers + 1);
        ana.takesAgain();
        ana.receives(shared("small"));
    }

    @Test
    void aBroadcastFromAMemberOfAnotherLaneSkipsNoMemberHere() {
        serve(room -> room);
        List<Client> here = List.of(member(), member());
        List<Client> there = List.of(joins(server.connectTo(1)), joins(server.connectTo(1)));
        members.get(2).broadcastFrom(Chat.SAY, new Chat.Text("of the first there"));
        members.get(1).broadcastFrom(Chat.SAY, new Chat.Text("of the second here"));
        here.get(0).receivesInAnyOrder(shared("of the first there"), shared("of the second here"));
        here.get(1).receives(shared("of the first there"));
        there.get(0).receives(shared("of the second here"));
        there.get(1).receivesInAnyOrder(shared("of the first there"), shared("of the second here"));
    }

    @Test
    void aMemberThatEndsBetweenTwoBroadcastsOfATurnGetsTheFirst() {
        serve(room -> room);
        Client ana = member();
        Client ben = joins(server.connectAs("users:ben"));
        Client cem = member();
        ben.isCareless();
        broadcast(Chat.SAY, "1");
        members.get(1).broadcastFrom(Chat.SAY, new Chat.Text("of ben"));
        server.hub.channels().disconnect("users:ben");
        members.get(2).broadcastFrom(Chat.SAY, new Chat.Text("of cem"));
        ben.isClosedWith(1001);
        assertThat(ben.received()).containsExactly(shared("1").replace('\'', '"'));
        ana.receives(shared("1"), shared("of ben"), shared("of cem"));
        cem.receives(shared("1"), shared("of ben"));
    }

    @Test
    void aMemberThatJoinsBetweenTwoBroadcastsOfATurnGetsBothAfterTheReply() {
        Gate joining = server.gate();
        serve(room -> room);
        Client ana = member();
        Client ben = member();
        Client late = server.connectTo(UserSocket.open()
                .channel(
                        "room:*",
                        Channel.join(join -> {
                                    joining.pass();
                                    return Join.ok("late");
                                })
                                .onJoined(members::add)
                                .build())
                .build());
        late.sends("['3','3','room:42','phx_join',{}]");
        server.awaitReached(joining);
        members.getFirst().broadcastFrom(Chat.SAY, new Chat.Text("of ana"));
        joining.open();
        Awaitility.await().atMost(TestServer.DEADLINE).until(() -> members.size() == 3);
        members.get(1).broadcastFrom(Chat.SAY, new Chat.Text("of ben"));
        members.get(2).broadcastFrom(Chat.SAY, new Chat.Text("of the late one"));
        ana.receives(shared("of ben"), shared("of the late one"));
        ben.receives(shared("of ana"), shared("of the late one"));
        late.receives(
                "['3','3','room:42','phx_reply',{'status':'ok','response':{}}]", shared("of ana"), shared("of ben"));
    }

    @Test
    void aFaultWhileABatchIsWrittenEndsThatConnectionAlone() {
        serve(room -> room);
        Client ana = member();
        Client ben = member();
        Client cem = member();
        Error fault = new StackOverflowError("on purpose");
        ben.failsToWriteShared(fault);
        broadcast(Chat.SAY, "1");
        members.getFirst().broadcastFrom(Chat.SAY, new Chat.Text("of ana"));
        ben.isClosedWith(1011);
        broadcast(Chat.SAY, "2");
        ana.receives(shared("1"), shared("2"));
        cem.receives(shared("1"), shared("of ana"), shared("2"));
        assertThat(server.count(Counter.CLOSED_FAULT)).isEqualTo(1);
        assertThat(RecordedLog.linesAbout("fault")).hasSize(1);
    }

    @Test
    void aFaultWhileABatchIsWrittenToTheOnlyMemberDoesNotKeepItsMessages() {
        serve(room -> room);
        Client ana = member();
        ana.failsToWrite(new StackOverflowError("on purpose"));
        broadcast(Chat.SAY, "1");
        ana.isClosedWith(1011);
        Client ben = member();
        broadcast(Chat.SAY, "2");
        ben.receives(shared("2"));
        assertThat(server.count(Counter.CLOSED_FAULT)).isEqualTo(1);
    }

    @Test
    void aMemberThatLeavesAfterItsBroadcastDoesNotGetItBeforeItsEnd() {
        serve(room -> room);
        Client ana = member();
        Client ben = member();
        members.getFirst().broadcastFrom(Chat.SAY, new Chat.Text("of ana"));
        ana.sends("['3','9','room:42','phx_leave',{}]");
        ana.receives(
                "['3','9','room:42','phx_reply',{'status':'ok','response':{}}]", "['3','3','room:42','phx_close',{}]");
        ben.receives(shared("of ana"));
    }

    @Test
    void aBroadcastFromTheOnlyMemberIsNotWritten() {
        serve(room -> room);
        Client ana = member();
        members.getFirst().broadcastFrom(Chat.SAY, new Chat.Text("1"));
        broadcast(Chat.SAY, "2");
        members.getFirst().broadcastFrom(Chat.SAY, new Chat.Text("3"));
        ana.receives(shared("2"));
    }

    @Test
    void eventsWithAPolicyShareABuffer() {
        serve(room -> room.whenSlow(TYPING, SlowPolicy.drop()));
        Client ana = member();
        Client ben = member();
        int before = ben.buffers().size();
        broadcast(Chat.SAY, "1");
        broadcast(TYPING, "2");
        members.getFirst().broadcastFrom(TYPING, new Chat.Text("3"));
        broadcast(TYPING, "4");
        ben.receives(shared("1"), shared(TYPING, "2"), shared(TYPING, "3"), shared(TYPING, "4"));
        ana.receives(shared("1"), shared(TYPING, "2"), shared(TYPING, "4"));
        assertThat(since(before, ben)).containsExactly(4);
    }

    @Test
    void aClientThatLagsTakesABatchMessageByMessageAndTheOthersTakeItWhole() {
        serve(room -> room.whenSlow(TYPING, SlowPolicy.drop()));
        Client slow = member();
        Client quick = member();
        slow.stopsTaking();
        String large = "x".repeat(Client.HIGH_WATER);
        broadcast(Chat.SAY, large);
        broadcast(Chat.SAY, "waits");
        server.passes(Duration.ofSeconds(1));
        quick.receives(shared(large), shared("waits"));
        int before = quick.buffers().size();
        broadcast(TYPING, "1");
        broadcast(Chat.SAY, "2");
        broadcast(TYPING, "3");
        quick.receives(shared(TYPING, "1"), shared("2"), shared(TYPING, "3"));
        assertThat(since(before, quick)).containsExactly(3);
        assertThat(server.count(Counter.SLOW_DROPPED)).isEqualTo(2);
        slow.takesAgain();
        slow.receives(shared(large), shared("waits"), shared("2"));
    }

    @Test
    void anEventWithoutAnInterceptSharesABufferThoughMembersInterceptAnother() {
        serve(room -> room.intercept(NOTE, (note, in) -> Out.pass()));
        Client ana = member();
        Client ben = member();
        int before = ben.buffers().size();
        broadcast(Chat.SAY, "1");
        members.getFirst().broadcastFrom(Chat.SAY, new Chat.Text("2"));
        broadcast(Chat.SAY, "3");
        ben.receives(shared("1"), shared("2"), shared("3"));
        ana.receives(shared("1"), shared("3"));
        assertThat(since(before, ben)).containsExactly(3);
    }

    @Test
    void anInterceptedEventDoesNotEndTheBatch() {
        Gate gate = server.gate();
        serve(room -> room.intercept(NOTE, (note, in) -> {
            gate.pass();
            return Out.pass();
        }));
        Client ana = member();
        Client ben = member();
        int before = ben.buffers().size();
        broadcast(Chat.SAY, "1");
        broadcast(NOTE, "looked at");
        broadcast(Chat.SAY, "2");
        ben.receives(shared("1"), shared("2"));
        ana.receives(shared("1"), shared("2"));
        assertThat(since(before, ben)).containsExactly(2);
        gate.open();
        ana.receives(shared(NOTE, "looked at"));
        ben.receives(shared(NOTE, "looked at"));
    }

    @Test
    void oneMemberThatInterceptsDoesNotKeepTheOthersFromSharing() {
        serve(room -> room);
        Client ana = member();
        Client ben = member();
        Client looking = otherMember(room -> room.intercept(NOTE, (note, in) -> Out.replace(new Chat.Text("!"))));
        int before = ben.buffers().size();
        broadcast(NOTE, "1");
        broadcast(Chat.SAY, "2");
        broadcast(NOTE, "3");
        for (Client each : List.of(ana, ben)) {
            each.receives(shared(NOTE, "1"), shared("2"), shared(NOTE, "3"));
        }
        assertThat(since(before, ben)).containsExactly(3);
        looking.receivesInAnyOrder(shared(NOTE, "!"), shared("2"), shared(NOTE, "!"));
    }
}
