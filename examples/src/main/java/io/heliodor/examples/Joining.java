package io.heliodor.examples;

import static io.heliodor.examples.RoomEvents.BACKLOG;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.examples.RoomEvents.Backlog;
import io.heliodor.examples.RoomEvents.Said;
import java.util.List;

/** A join with a reply, and events after it. */
final class Joining {
    private Joining() {}

    record Welcome(String topic, String text) {}

    static Channel<Object, String> channel(List<Said> history) {
        // @start region=joined
        return Channel.join(join -> Join.ok(join.subtopic(), new Welcome(join.topic(), "Be kind.")))
                .onJoined(room -> room.push(BACKLOG, new Backlog(history)))
                .build();
        // @end
    }
}
