package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.limit.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Whether all work that sessions caused is done. */
class QuiescenceTests {
    private static Channel<Object, String> room(UnaryOperator<Channel.Builder<Object, String>> handlers) {
        return handlers.apply(Channel.join(join -> Join.ok(join.topic()))).build();
    }

    private static boolean quiet(TestLoop loop, List<Client> clients) {
        List<Session<?>> sessions = new ArrayList<>();
        clients.forEach(client -> sessions.add(client.session()));
        LaneSessions lane = clients.getFirst().server().lane();
        var quiet = new AtomicBoolean();
        loop.perform(() -> quiet.set(Quiescence.isReached(lane, sessions)));
        return quiet.get();
    }

    @Test
    void aServerIsQuiescentWhenTheMessageOfAClientIsHandled() {
        try (TestServer server = new TestServer()) {
            server.serve("room:*", room(room -> room.on(Chat.SAY, (text, in) -> in.push(Chat.SHOUT, text))));
            Client client = server.connect();
            client.joins("1", "room:1");
            server.await(() -> quiet(server.loop(), List.of(client)), () -> "quiescence");
            client.sends("['1','2','room:1','say',{'text':'hi'}]");
            assertThat(quiet(server.loop(), List.of(client))).isFalse();
            server.await(() -> quiet(server.loop(), List.of(client)), () -> "quiescence");
            assertThat(client.received()).hasSize(1);
            client.receives("['1',null,'room:1','shout',{'text':'hi'}]");
        }
    }

    @Test
    void aLeaveHookOfASessionThatHasEndedIsWaitedFor() {
        try (TestServer server = new TestServer()) {
            Gate gate = server.gate();
            server.serve("room:*", room(room -> room.onLeave((why, in) -> gate.passStubbornly())));
            Client client = server.connect();
            client.joins("1", "room:1");
            client.drops();
            server.awaitReached(gate);
            assertThat(quiet(server.loop(), List.of(client))).isFalse();
            gate.open();
            server.await(() -> quiet(server.loop(), List.of(client)), () -> "quiescence");
        }
    }

    @Test
    void thousandsOfChannelsNeedNoDeepStack() {
        int many = 3_000;
        try (TestServer server = new TestServer(Limits.openInternet().sessions(s -> s.maxChannels(many)))) {
            server.serve("room:*", room(room -> room));
            Client client = server.connect();
            client.isCareless();
            for (int i = 0; i < many; i++) {
                client.sends("['%d','%d','room:%d','phx_join',{}]".formatted(i, i, i));
            }
            server.await(() -> client.untaken() == many, client::toString);
            server.await(() -> quietOnASmallStack(client), () -> "quiescence");
        }
    }

    /** Checks on a thread with a small stack, which replaces the loop's for the time of the call. */
    private static boolean quietOnASmallStack(Client client) {
        var quiet = new AtomicReference<Object>();
        Runnable look = () -> {
            try {
                quiet.set(Quiescence.isReached(client.server().lane(), List.of(client.session())));
            } catch (StackOverflowError e) {
                quiet.set(e);
            }
        };
        Thread small = new Thread(null, look, "small stack", 128 << 10);
        small.start();
        try {
            small.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        assertThat(quiet.get()).isInstanceOf(Boolean.class);
        return (boolean) quiet.get();
    }

    @Test
    void aServerIsNotQuiescentWhileTwoChannelsSendToEachOther() {
        TestLoop loop = TestLoop.started();
        try (TestServer server = new TestServer(Limits.openInternet(), List.of(loop))) {
            List<Context<?, String>> players = new CopyOnWriteArrayList<>();
            var over = new AtomicBoolean();
            server.serve(
                    "room:*",
                    room(room -> room.onJoined(in -> {
                                if (in.topic().equals("room:play")) {
                                    players.add(in);
                                }
                            })
                            .onInfo(Chat.NUMBER, (hops, in) -> {
                                if (hops == 0) {
                                    over.set(true);
                                } else {
                                    players.get(players.getFirst().equals(in) ? 1 : 0)
                                            .send(Chat.NUMBER, hops - 1);
                                }
                                return NoReply.none();
                            })));
            Client first = server.connect();
            Client between = server.connect();
            Client last = server.connect();
            first.joins("1", "room:play");
            for (int i = 1; i <= 50; i++) {
                between.joins(String.valueOf(i), "room:" + i);
            }
            last.joins("1", "room:play");
            server.await(() -> players.size() == 2, () -> "two players");
            players.getFirst().send(Chat.NUMBER, 5_000);
            server.await(() -> quiet(loop, List.of(first, between, last)), () -> "quiescence");
            assertThat(over).as("the game is over when the server is quiescent").isTrue();
        }
    }
}
