package io.heliodor.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.event.Empty;
import io.heliodor.fixtures.HeldLock;
import io.heliodor.limit.Limits;
import io.heliodor.presence.LongStep;
import io.heliodor.presence.Presence;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tracked channels that end on a loop with a thread of its own, while a step of the presence takes long. */
class PresenceLaneTests {
    private static final String ROOM = "room:1";

    @AutoClose
    private final TestServer server = new TestServer(Limits.openInternet(), List.of(TestLoop.started()));

    private final Presence<String> presence = Presence.over(server.pubsub, String.class);

    enum End {
        CONNECTION_BREAKS,
        SERVER_DISCONNECTS,
        DRAIN_BEGINS,
        CLIENT_LEAVES,
        CLIENT_JOINS_AGAIN,
        HANDLER_FAILS
    }

    private static void end(Session<?> session, End how) {
        switch (how) {
            case CONNECTION_BREAKS -> session.closing().disconnected();
            case SERVER_DISCONNECTS -> session.disconnect();
            case DRAIN_BEGINS -> session.closing().markUnreachable();
            case CLIENT_LEAVES -> sends(session, "['1','2','room:1','phx_leave',{}]");
            case CLIENT_JOINS_AGAIN -> sends(session, "['3','3','room:1','phx_join',{}]");
            case HANDLER_FAILS -> sends(session, "['1','2','room:1','go',{}]");
        }
    }

    private static void sends(Session<?> session, String frame) {
        byte[] message = frame.replace('\'', '"').getBytes(UTF_8);
        session.text(message, 0, message.length);
    }

    /** Does not wait for the loop, which may be blocked. */
    private void getsAReply(Client client, String ref) {
        server.loop().execute(() -> sends(client.session(), "['1','" + ref + "','echo:1','ping',{}]"));
        client.receives("['1','" + ref + "','echo:1','phx_reply',{'status':'ok','response':{}}]");
    }

    @ParameterizedTest
    @EnumSource
    void otherConnectionsOfALoopGetTheirRepliesWhileATrackedChannelEnds(End end) throws InterruptedException {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(Empty.EMPTY))
                        .onJoined(room -> presence.track(room, "ann", "web"))
                        .on(Chat.GO, (nothing, room) -> {
                            throw new IllegalStateException("asked to fail");
                        })
                        .build());
        server.serve(
                "echo:*",
                Channel.join(join -> Join.ok(Empty.EMPTY))
                        .answer(Chat.PING, (nothing, room) -> Reply.ok())
                        .build());
        Client ann = server.connect();
        ann.isCareless();
        ann.joins("1", ROOM);
        Client bob = server.connect();
        bob.joins("1", "echo:1");
        server.await(() -> presence.count(ROOM) == 1, () -> "a tracked channel");
        try (HeldLock _ = LongStep.begin(presence, ROOM)) {
            server.loop().execute(() -> end(ann.session(), end));
            getsAReply(bob, "8");
            server.await(() -> presence.count(ROOM) == 0, () -> "the end of a tracked channel");
            getsAReply(bob, "9");
        }
        if (end == End.CLIENT_JOINS_AGAIN) {
            server.await(() -> presence.count(ROOM) == 1, () -> "a presence of the new channel");
        }
    }
}
