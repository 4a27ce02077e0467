package io.heliodor.playground;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Reason;
import java.util.concurrent.atomic.AtomicLong;

/** A call that is executed once for each key. Its clients need an id, so that they have a socket of their own. */
final class OnceChannel {
    private static final Call<Once, Executed, Reason> ONCE =
            Call.of("once", Once.class, Executed.class).once(Once::key);

    private OnceChannel() {}

    record Once(String key, String text) {}

    /** The number of executions in this process, and the text of the call. */
    record Executed(long count, String text) {}

    /** The socket, which refuses clients without a {@code user_id}. */
    static UserSocket<Object> socket() {
        AtomicLong executed = new AtomicLong();
        return UserSocket.connect(connect -> PlaygroundServer.user(connect)
                        .orElseGet(() -> Connect.refuse(400).text("user_id is missing")))
                .channel(
                        "room:*",
                        Channel.join(join -> Join.ok(Empty.EMPTY))
                                .answer(
                                        ONCE,
                                        (once, room) -> Reply.ok(new Executed(executed.incrementAndGet(), once.text())))
                                .build())
                .build();
    }
}
