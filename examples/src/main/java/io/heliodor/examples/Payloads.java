package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.type.Type;
import java.util.Map;

/** Payloads that are not records. */
final class Payloads {
    private Payloads() {}

    // @start region=kinds
    static final Call<Empty, Empty, Reason> PING = Call.of("ping", Empty.class, Empty.class);
    static final Event<Raw> SHOUT = Event.of("shout", Raw.class);
    static final Event<Map<String, Integer>> SCORES = Event.of("scores", new Type<Map<String, Integer>>() {});
    // @end

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
