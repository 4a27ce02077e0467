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

/** When all that sessions caused has been done, and when not. */
class QuiescenceTests {
    private static Channel<Object, String> room(UnaryOperator<Channel.Builder<Object, String>> handlers) {
        return handlers.apply(Channel.join(join -> Join.ok(join.topic()))).build();
    }

    private static boolean still(TestLoop loop, List<Client> clients) {
        List<Session<?>> sessions = new ArrayList<>();
        clients.forEach(client -> sessions.add(client.session()));
        LaneSessions lane = clients.getFirst().server().lane();
        var still = new AtomicBoolean();
        loop.perform(() -> still.set(Quiescence.isReached(lane, sessions)));
        return still.get();
    }

    @Test
    void whatAClientSaidIsDoneWhenItIsAnswered() {
        try (TestServer server = new TestServer()) {
            server.serve("room:*", room(room -> room.on(Said.SAY, (said, in) -> in.push(Said.SHOUT, said))));
            Client client = server.connect();
            client.joins("1", "room:1");
            server.await(() -> still(server.loop(), List.of(client)), () -> "stillness");
            client.says("['1','2','room:1','say',{'text':'hi'}]");
            assertThat(still(server.loop(), List.of(client))).isFalse();
            server.await(() -> still(server.loop(), List.of(client)), () -> "stillness");
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
            assertThat(still(server.loop(), List.of(client))).isFalse();
            gate.open();
            server.await(() -> still(server.loop(), List.of(client)), () -> "stillness");
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
                client.says("['%d','%d','room:%d','phx_join',{}]".formatted(i, i, i));
            }
            server.await(() -> client.unasked() == many, client::toString);
            server.await(() -> stillOnASmallStack(client), () -> "stillness");
        }
    }

    /** On a thread that takes the place of the loop's for a moment. */
    private static boolean stillOnASmallStack(Client client) {
        var still = new AtomicReference<Object>();
        Runnable look = () -> {
            try {
                still.set(Quiescence.isReached(client.server().lane(), List.of(client.session())));
            } catch (StackOverflowError e) {
                still.set(e);
            }
        };
        Thread small = new Thread(null, look, "small stack", 128 << 10);
        small.start();
        try {
            small.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        assertThat(still.get()).isInstanceOf(Boolean.class);
        return (boolean) still.get();
    }

    @Test
    void itIsNotStillWhileTwoChannelsTellEachOther() {
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
                            .onInfo(Said.NUMBER, (hops, in) -> {
                                if (hops == 0) {
                                    over.set(true);
                                } else {
                                    players.get(players.getFirst().equals(in) ? 1 : 0)
                                            .send(Said.NUMBER, hops - 1);
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
            players.getFirst().send(Said.NUMBER, 5_000);
            server.await(() -> still(loop, List.of(first, between, last)), () -> "stillness");
            assertThat(over).as("it was the end when it was still").isTrue();
        }
    }
}
