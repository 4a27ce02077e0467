package io.heliodor.examples;

import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.event.InvalidPayload;
import io.heliodor.event.Reason;
import java.util.List;

/** The protocol of a room: its events and calls. */
final class RoomEvents {
    // @start region=events
    record NewMessage(String body) {
        NewMessage {
            if (body.length() > 2_000) {
                throw new InvalidPayload("body", "must be at most 2000 characters");
            }
        }
    }

    record Saved(long id) {}

    record Said(String by, String body) {}

    record Typing(boolean active) {}

    record Notice(String text) {}

    /** Sent by a client, which gets a reply. */
    static final Call<NewMessage, Saved, Reason> SAY = Call.of("new_msg", NewMessage.class, Saved.class);

    /** Sent by a client, without a reply. */
    static final Event<Typing> TYPING = Event.of("typing", Typing.class);

    /** Broadcast by the server. */
    static final Event<Said> SAID = Event.of("said", Said.class);

    static final Event<Notice> NOTICE = Event.of("notice", Notice.class);
    // @end

    record Backlog(List<Said> messages) {}

    static final Event<Backlog> BACKLOG = Event.of("backlog", Backlog.class);

    private RoomEvents() {}
}
