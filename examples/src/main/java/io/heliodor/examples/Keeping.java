package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.event.Event;
import java.time.Duration;

/** A room with a history, for clients that come back. */
final class Keeping {
    private Keeping() {}

    record Message(String by, String body) {}

    record Typing(String by) {}

    static final Event<Message> MESSAGE = Event.of("message", Message.class);
    static final Event<Typing> TYPING = Event.of("typing", Typing.class);

    static Channel<Object, String> channel() {
        // @start region=history
        return Channel.join(join -> Join.ok(join.topic()))
                .on(MESSAGE, (message, room) -> room.broadcast(MESSAGE, message))
                .on(TYPING, (typing, room) -> room.broadcastFrom(TYPING, typing))
                .history(History.of(1_000, Duration.ofMinutes(5), MESSAGE))
                .build();
        // @end
    }
}
