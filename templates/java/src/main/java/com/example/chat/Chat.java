package com.example.chat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Event;
import io.heliodor.event.InvalidPayload;
import io.heliodor.presence.Presence;
import java.time.Duration;
import java.time.Instant;

/** The chat: the messages between pages and server, and their handlers. */
record Chat(Presence<Online> presence) {
    record Enter(String name) {
        Enter {
            if (name.isBlank() || name.length() > 30) {
                throw new InvalidPayload("name", "must have 1 to 30 characters");
            }
        }
    }

    record Say(String text) {
        Say {
            if (text.isBlank() || text.length() > 2000) {
                throw new InvalidPayload("text", "must have 1 to 2000 characters");
            }
        }
    }

    record Message(String from, String text, Instant at) {}

    record Online(Instant since) {}

    static final Event<Say> SAY = Event.of("say", Say.class);
    static final Event<Message> MESSAGE = Event.of("message", Message.class);

    UserSocket<Object> socket() {
        return UserSocket.open().channel("room:*", room()).build();
    }

    /** A page that joins gets the last messages. After a lost connection it gets those that it missed. */
    private Channel<Object, String> room() {
        return Channel.join(Enter.class, (enter, join) -> Join.ok(enter.name()).newest(50))
                .onJoined(room -> presence.track(room, room.assigns(), new Online(Instant.now())))
                .on(SAY, (say, room) -> room.broadcast(MESSAGE, new Message(room.assigns(), say.text(), Instant.now())))
                .history(History.of(200, Duration.ofHours(12), MESSAGE))
                .sends(MESSAGE)
                .presence(Online.class)
                .key("name")
                .build();
    }
}
