package io.heliodor.examples;

import static io.heliodor.examples.RoomEvents.SAY;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.examples.RoomEvents.NewMessage;
import io.heliodor.examples.RoomEvents.Saved;
import java.sql.SQLException;

/** A channel whose database may be unreachable for some time. */
final class Expected {
    private Expected() {}

    /** A database. */
    interface Store {
        long save(String topic, NewMessage message) throws SQLException;
    }

    static Channel<Object, String> channel(Store store) {
        // @start region=channel
        return Channel.join(join -> Join.ok(join.topic()))
                .answer(SAY, (message, room) -> Reply.ok(new Saved(store.save(room.topic(), message))))
                .onException(SQLException.class, e -> Reply.error("unavailable"))
                .build();
        // @end
    }
}
