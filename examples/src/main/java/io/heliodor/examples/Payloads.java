package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.type.Type;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;

/** Payloads that are not records of one type. */
final class Payloads {
    private Payloads() {}

    // @start region=kinds
    static final Call<Empty, Empty, Reason> PING = Call.of("ping", Empty.class, Empty.class);
    static final Event<Raw> SHOUT = Event.of("shout", Raw.class);
    static final Event<Map<String, Integer>> SCORES = Event.of("scores", new Type<Map<String, Integer>>() {});
    // @end

    // @start region=sealed
    sealed interface Shape {}

    record Circle(double radius) implements Shape {}

    record Square(int side) implements Shape {}

    static final Event<Shape> DRAW = Event.of("draw", Shape.class); // {"type": "Circle", "radius": 1.5}
    // @end

    record Change(long id, Raw row) {}

    static final Event<Change> CHANGED = Event.of("changed", Change.class);

    static void changed(Context<?, ?> room, ResultSet rows) throws SQLException {
        // @start region=ready
        Raw row = Raw.of(rows.getString("document")); // or the bytes of a text in UTF-8
        room.push(SHOUT, row);
        room.push(CHANGED, new Change(7, row)); // {"id": 7, "row": {...}}
        // @end
    }

    static Channel<Object, String> channel() {
        // @start region=handlers
        return Channel.join(join -> Join.ok(join.topic()))
                .answer(PING, (nothing, room) -> Reply.ok())
                .on(SHOUT, (payload, room) -> room.broadcast(SHOUT, payload))
                .on(SCORES, (scores, room) -> scores.isEmpty() ? Reply.error("empty") : room.broadcast(SCORES, scores))
                .build();
        // @end
    }
}
