package io.heliodor.playground;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.Out;
import io.heliodor.event.Event;
import io.heliodor.type.Type;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code notes:*}: each member gets a copy of a note with its own name. */
final class NotesChannel {
    static final Event<Map<String, Object>> NOTE = Event.of("note", new Type<Map<String, Object>>() {});

    private NotesChannel() {}

    record Member(String user) {}

    static Channel<Object, Member> channel() {
        return Channel.join(Member.class, (member, join) -> Join.ok(member))
                .on(NOTE, (note, room) -> room.broadcast(NOTE, note))
                .intercept(NOTE, NotesChannel::addressed)
                .sends()
                .build();
    }

    private static Out<Map<String, Object>> addressed(Map<String, Object> note, Context<?, Member> room) {
        Map<String, Object> copy = new LinkedHashMap<>(note);
        copy.put("for", room.assigns().user());
        return Out.replace(copy);
    }
}
