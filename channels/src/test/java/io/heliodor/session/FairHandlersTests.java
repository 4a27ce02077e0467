package io.heliodor.session;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The share of one channel that is handled before the others. */
class FairHandlersTests {
    private static final int BUSY = 2 * Runtime.getRuntime().availableProcessors();

    @AutoClose
    private final TestServer server = new TestServer();

    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicInteger handled = new AtomicInteger();

    /** As many as there are processors would keep all of these, if one thread of theirs started the next one. */
    @Test
    void channelsThatAreNeverIdleLetOthersRun() {
        server.serve(
                "busy:*",
                Channel.join(join -> Join.ok("a"))
                        .onJoined(room -> room.send(Chat.WORD, "go"))
                        .onInfo(Chat.WORD, (word, room) -> {
                            handled.incrementAndGet();
                            if (!stop.get()) {
                                room.send(Chat.WORD, word);
                            }
                            return NoReply.none();
                        })
                        .build());
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok("a"))
                        .answer(Chat.PING, (nothing, room) -> Reply.ok())
                        .build());
        Client client = server.connect();
        for (int i = 0; i < BUSY; i++) {
            client.joins("" + i, "busy:" + i);
        }
        client.joins("100", "room:a");
        for (int i = 0; i < 100; i++) {
            client.sends("['100','%d','room:a','ping',{}]".formatted(i));
            client.receives("['100','%d','room:a','phx_reply',{'status':'ok','response':{}}]".formatted(i));
        }
        int before = handled.get();
        server.await(() -> handled.get() > before, () -> "the busy channels go on");
        stop.set(true);
        server.settle();
    }
}
