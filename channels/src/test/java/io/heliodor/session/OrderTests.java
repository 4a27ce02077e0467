package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The order in which messages reach a client, turn by turn. The test's thread is the loop. */
class OrderTests {
    @AutoClose
    private final TestServer server = new TestServer();

    private final List<Context<?, String>> members = new CopyOnWriteArrayList<>();
    private Gate joining;
    private Client ana;

    @BeforeEach
    void join() {
        joining = server.gate();
        server.serve(
                "room:*",
                Channel.join(join -> {
                            if (join.socket().id().isPresent()) {
                                joining.pass();
                            }
                            return Join.ok(join.topic());
                        })
                        .onJoined(members::add)
                        .answer(Chat.ASK, (input, room) -> {
                            room.push(Chat.SAY, new Chat.Text("1"));
                            room.broadcast(Chat.SAY, new Chat.Text("2"));
                            room.broadcast(Chat.SAY, new Chat.Text("3"));
                            room.push(Chat.SAY, new Chat.Text("4"));
                            room.broadcastFrom(Chat.SAY, new Chat.Text("for others"));
                            room.broadcast(Chat.SAY, new Chat.Text("5"));
                            return Reply.ok(input);
                        })
                        .build());
        ana = server.connect();
        ana.joins("3", "room:42");
        server.await(() -> members.size() == 1, members::toString);
    }

    private void broadcast(String text) {
        server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text(text));
    }

    private static String shared(String text) {
        return "[null,null,'room:42','say',{'text':'%s'}]".formatted(text);
    }

    private static String own(String text) {
        return "['3',null,'room:42','say',{'text':'%s'}]".formatted(text);
    }

    /** Waits for a handler while the loop stands still. */
    private void joined(int count) {
        Awaitility.await().atMost(TestServer.DEADLINE).until(() -> members.size() == count);
    }

    @Test
    void theWritesOfAHandlerReachItsOwnClientInTheirOrder() {
        Client ben = server.connect();
        ben.joins("3", "room:42");
        ana.sends("['3','8','room:42','ask',{'text':'6'}]");
        ana.receives(own("1"), shared("2"), shared("3"), own("4"), shared("5"));
        ana.receives("['3','8','room:42','phx_reply',{'status':'ok','response':{'text':'6'}}]");
        ben.receives(shared("2"), shared("3"), shared("for others"), shared("5"));
    }

    @Test
    void aBroadcastFromSkipsTheSenderAlone() {
        ana.joins("4", "room:43");
        Client ben = server.connect();
        ben.joins("3", "room:42");
        server.await(() -> members.size() == 3, members::toString);
        members.getFirst().broadcastFrom(Chat.SAY, new Chat.Text("others"));
        broadcast("all");
        ben.receives(shared("others"), shared("all"));
        ana.receives(shared("all"));
    }

    @Test
    void aBroadcastFromKeepsItsPlaceAmongBroadcastsToAll() {
        Client ben = server.connect();
        ben.joins("3", "room:42");
        joined(2);
        server.settle();
        broadcast("1");
        members.getFirst().broadcastFrom(Chat.SAY, new Chat.Text("2"));
        broadcast("3");
        ana.receives(shared("1"), shared("3"));
        ben.receives(shared("1"), shared("2"), shared("3"));
    }

    @Test
    void broadcastsOfOneTurnShareABuffer() {
        Client ben = server.connect();
        ben.joins("3", "room:42");
        server.settle();
        int before = ben.buffers().size();
        for (String text : new String[] {"1", "2", "3"}) {
            broadcast(text);
        }
        ana.receives(shared("1"), shared("2"), shared("3"));
        ben.receives(shared("1"), shared("2"), shared("3"));
        assertThat(ben.buffers().subList(before, ben.buffers().size())).containsExactly(3);
    }

    @Test
    void aPushEndsABatchOfBroadcasts() {
        Client ben = server.connect();
        ben.joins("3", "room:42");
        joined(2);
        server.settle();
        int before = ben.buffers().size();
        Context<?, String> anas = members.getFirst();
        broadcast("1");
        broadcast("2");
        anas.push(Chat.SAY, new Chat.Text("3"));
        broadcast("4");
        anas.push(Chat.SAY, new Chat.Text("5"));
        anas.push(Chat.SAY, new Chat.Text("6"));
        broadcast("7");
        broadcast("8");
        ana.receives(shared("1"), shared("2"), own("3"), shared("4"), own("5"), own("6"), shared("7"), shared("8"));
        ben.receives(shared("1"), shared("2"), shared("4"), shared("7"), shared("8"));
        assertThat(ben.buffers().subList(before, ben.buffers().size())).containsExactly(2, 1, 2);
    }

    @Test
    void broadcastsOfTwoTopicsKeepTheirOrderEach() {
        ana.joins("4", "room:43");
        Client ben = server.connect();
        ben.joins("3", "room:42");
        joined(3);
        server.settle();
        broadcast("1");
        server.hub.channels().broadcast("room:43", Chat.SAY, new Chat.Text("a"));
        broadcast("2");
        server.hub.channels().broadcast("room:43", Chat.SAY, new Chat.Text("b"));
        ana.receives(shared("1"), shared("2"));
        ana.receives("[null,null,'room:43','say',{'text':'a'}]", "[null,null,'room:43','say',{'text':'b'}]");
        ben.receives(shared("1"), shared("2"));
    }

    @Test
    void aLongBatchGoesOutInPiecesAndInOrder() {
        Client ben = server.connect();
        ben.joins("3", "room:42");
        server.settle();
        int before = ben.buffers().size();
        for (int i = 0; i < 150; i++) {
            broadcast("" + i);
        }
        for (int i = 0; i < 150; i++) {
            ana.receives(shared("" + i));
            ben.receives(shared("" + i));
        }
        assertThat(ben.buffers().subList(before, ben.buffers().size())).containsExactly(64, 64, 22);
    }

    @Test
    void largeBroadcastsDoNotShareABuffer() {
        Client ben = server.connect();
        ben.joins("3", "room:42");
        server.settle();
        int before = ben.buffers().size();
        String large = "x".repeat(70_000);
        broadcast(large);
        broadcast("small");
        broadcast("smaller");
        ana.receives(shared(large), shared("small"), shared("smaller"));
        ben.receives(shared(large), shared("small"), shared("smaller"));
        assertThat(ben.buffers().subList(before, ben.buffers().size())).containsExactly(1, 2);
    }

    @Test
    void eachConnectionIsFlushedOnceATurn() {
        Client ben = server.connect();
        ben.joins("3", "room:42");
        server.settle();
        int before = ana.flushes();
        Context<?, String> anas = members.getFirst();
        for (int i = 0; i < 10; i++) {
            broadcast("shared");
            anas.push(Chat.SAY, new Chat.Text("own"));
        }
        server.loop().turn();
        assertThat(ana.flushes()).isEqualTo(before + 1);
        assertThat(ana.received()).hasSize(20);
        ana.forgets();
        ben.forgets();
    }

    @Test
    void aMemberGetsTheBroadcastsSinceItsJoinHandlerBeganAndNoneBefore() {
        broadcast("earlier");
        Client ben = server.connectAs("users:ben");
        ben.sends("['3','3','room:42','phx_join',{}]");
        server.awaitReached(joining);
        server.settle();
        broadcast("meanwhile");
        joining.open();
        joined(2);
        broadcast("after");
        server.loop().turn();
        assertThat(ana.received()).hasSize(3);
        ana.receives(shared("earlier"), shared("meanwhile"), shared("after"));
        ben.receives(
                "['3','3','room:42','phx_reply',{'status':'ok','response':{}}]", shared("meanwhile"), shared("after"));
    }

    @Test
    void aMemberThatLeavesGetsTheBroadcastsBeforeItsCloseAndNoneAfter() {
        Client ben = server.connect();
        ben.joins("3", "room:42");
        joined(2);
        server.settle();
        broadcast("before");
        server.loop().perform(() -> ana.session().close(SessionEnd.EXPIRED));
        broadcast("after");
        ben.receives(shared("before"), shared("after"));
        ana.isClosedWith(1008);
        assertThat(ana.received()).as("a broadcast of a turn that had not come").isEmpty();
    }

    @Test
    void broadcastsBeforeAChannelIsReplacedComeBeforeItsClose() {
        broadcast("before");
        server.loop().turn();
        broadcast("between");
        ana.sends("['7','7','room:42','phx_join',{}]");
        ana.receives(
                shared("before"),
                "['3','3','room:42','phx_close',{}]",
                "['7','7','room:42','phx_reply',{'status':'ok','response':{}}]");
        broadcast("after");
        ana.receives(shared("after"));
    }

    @Test
    void aMemberOfManyMayLeaveDuringABatch() {
        Client[] others = new Client[5];
        for (int i = 0; i < others.length; i++) {
            others[i] = server.connect();
            others[i].joins("3", "room:42");
        }
        joined(6);
        server.settle();
        broadcast("1");
        others[0].session().disconnect();
        broadcast("2");
        others[4].session().disconnect();
        members.getFirst().broadcastFrom(Chat.SAY, new Chat.Text("3"));
        others[2].session().disconnect();
        broadcast("4");
        ana.receives(shared("1"), shared("2"), shared("4"));
        others[0].receives(shared("1"));
        others[1].receives(shared("1"), shared("2"), shared("3"), shared("4"));
        others[2].receives(shared("1"), shared("2"), shared("3"));
        others[3].receives(shared("1"), shared("2"), shared("3"), shared("4"));
        others[4].receives(shared("1"), shared("2"));
    }

    @Test
    void aTurnThatHasTooMuchToDoLetsTheLoopReadInBetween() {
        for (int i = 0; i < 10_000; i++) {
            broadcast("" + i);
        }
        server.loop().turn();
        assertThat(ana.received()).as("messages after one turn").hasSizeBetween(1, 9_999);
        for (int i = 0; i < 10_000; i++) {
            ana.receives(shared("" + i));
        }
    }
}
