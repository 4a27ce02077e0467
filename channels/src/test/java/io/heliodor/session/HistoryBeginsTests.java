package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.limit.Limits;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Topics whose history begins while they have members already: those of a socket that keeps nothing. */
class HistoryBeginsTests {
    private static final UserSocket<Object> PLAIN = UserSocket.open()
            .channel(
                    "room:*",
                    Channel.join(join -> Join.ok("a"))
                            .on(Chat.SAY, (text, room) -> room.broadcast(Chat.SAY, text))
                            .build())
            .build();

    private static final UserSocket<Object> KEEPING = UserSocket.open()
            .channel(
                    "room:*",
                    Channel.join(join -> Join.ok("a"))
                            .history(History.of(100, Duration.ofMinutes(5), Chat.SAY))
                            .build())
            .build();

    private static void joinsKeeping(Client client, String topic) {
        client.sends("['3','3','%s','phx_join',{}]".formatted(topic));
        assertThat(client.next()).contains("-0.0\",\"recovered\":false");
    }

    private static String kept(String topic, long offset, String text) {
        return "[null,'@%d','%s','say',{'text':'%s'}]".formatted(offset, topic, text);
    }

    @Test
    void aBroadcastOnItsWayWhenTheHistoryBeginsReachesNoMemberThatKeepsOne() {
        try (var server = new TestServer()) {
            var wire = new HookedSerializer();
            Client plain = server.connectTo(PLAIN, wire);
            plain.joins("3", "room:42");
            var keeping = new AtomicReference<Client>();
            wire.onceBroadcast(() -> {
                keeping.set(server.connectTo(KEEPING, wire));
                joinsKeeping(keeping.get(), "room:42");
            });
            server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text("on its way"));
            plain.receives("[null,null,'room:42','say',{'text':'on its way'}]");
            plain.sends("['3',null,'room:42','say',{'text':'kept'}]");
            plain.receives("[null,null,'room:42','say',{'text':'kept'}]");
            keeping.get().receives(kept("room:42", 1, "kept"));
        }
    }

    @Test
    void membersFromBeforeTheHistoryGetEachBroadcastOnceAndLeaveNothingBehind() {
        try (var server = new TestServer()) {
            Client plain = server.connectTo(PLAIN);
            plain.joins("3", "room:42");
            Client keeping = server.connectTo(KEEPING);
            joinsKeeping(keeping, "room:42");
            Client late = server.connectTo(PLAIN);
            late.joins("3", "room:42");
            late.sends("['3',null,'room:42','say',{'text':'1'}]");
            for (Client client : List.of(plain, late)) {
                client.receives("[null,null,'room:42','say',{'text':'1'}]");
            }
            keeping.receives(kept("room:42", 1, "1"));
            plain.drops();
            late.sends("['3',null,'room:42','say',{'text':'2'}]");
            late.receives("[null,null,'room:42','say',{'text':'2'}]");
            keeping.receives(kept("room:42", 2, "2"));
        }
    }

    @Test
    void aMemberWithAHistoryGetsNothingWithoutATokenHoweverItsBeginAndABroadcastInterleave() {
        TestLoop loop = TestLoop.started();
        try (var server = new TestServer(Limits.openInternet(), List.of(loop))) {
            var over = new AtomicBoolean();
            var topic = new AtomicReference<>("room:0");
            Thread publisher = Thread.ofPlatform().start(() -> {
                while (!over.get()) {
                    server.hub.channels().broadcast(topic.get(), Chat.SAY, new Chat.Text("x"));
                }
            });
            try {
                for (int round = 1; round <= 100; round++) {
                    String name = "room:" + round;
                    Client plain = server.connectTo(PLAIN);
                    plain.isCareless();
                    plain.sends("['3','3','%s','phx_join',{}]".formatted(name));
                    plain.next();
                    topic.set(name);
                    plain.next();
                    Client keeping = server.connectTo(KEEPING);
                    joinsKeeping(keeping, name);
                    keeping.receives(kept(name, 1, "x"), kept(name, 2, "x"));
                    keeping.isCareless();
                    keeping.drops();
                    plain.drops();
                    // The publisher does not pause: what it sent meanwhile must not add up.
                    keeping.forgets();
                    plain.forgets();
                }
            } finally {
                over.set(true);
                join(publisher);
            }
        }
    }

    @Test
    void aClientWhoseDefinitionKeepsMoreThanTheHistoryIsNotRecovered() {
        UserSocket<Object> shouts = UserSocket.open()
                .channel(
                        "room:*",
                        Channel.join(join -> Join.ok("a"))
                                .history(History.of(100, Duration.ofMinutes(5), Chat.SAY, Chat.SHOUT))
                                .build())
                .build();
        try (var server = new TestServer()) {
            Client first = server.connectTo(KEEPING);
            joinsKeeping(first, "room:42");
            first.isCareless();
            Client client = server.connectTo(shouts);
            client.sends("['3','3','room:42','phx_join',{}]");
            String token = HistoryToken.of(HistoryToken.stream(client.next()), 0);
            client.drops();
            server.hub.channels().broadcast("room:42", Chat.SHOUT, new Chat.Text("missed"));
            Client back = server.connectTo(shouts);
            back.sends("['3','3','room:42','phx_join',{'since':'%s'}]".formatted(token));
            assertThat(back.next()).contains("\"recovered\":false");
            Client again = server.connectTo(KEEPING);
            again.sends("['3','3','room:42','phx_join',{'since':'%s'}]".formatted(token));
            assertThat(again.next()).contains("\"recovered\":true");
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
