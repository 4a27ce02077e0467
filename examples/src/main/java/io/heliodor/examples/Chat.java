package io.heliodor.examples;

// @start region=server
import io.heliodor.channel.*;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.*;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import java.nio.file.Path;
import java.time.Instant;

class Chat {
    record Enter(String name) {
        Enter {
            if (name.isBlank() || name.length() > 30) {
                throw new InvalidPayload("name", "must have 1 to 30 characters");
            }
        }
    }

    record Say(String body) {}

    record Message(String from, String body) {}

    record Online(Instant since) {}

    static final Event<Say> SAY = Event.of("say", Say.class);
    static final Event<Message> NEW_MSG = Event.of("new_msg", Message.class);

    public static void main(String[] args) {
        var pubsub = PubSub.local();
        var presence = Presence.over(pubsub, Online.class);
        var room = Channel.join(Enter.class, (enter, join) -> Join.ok(enter.name()))
                .onJoined(context -> presence.track(context, context.assigns(), new Online(Instant.now())))
                .on(SAY, (say, context) -> context.broadcast(NEW_MSG, new Message(context.assigns(), say.body())))
                .build();
        var socket = UserSocket.open().channel("room:*", room).build();
        var endpoint = Endpoint.builder()
                .host("127.0.0.1")
                .port(4000)
                .pubsub(pubsub)
                .socket("/socket", socket)
                .files("/", Path.of("web"))
                .build()
                .start();
        System.out.println("http://127.0.0.1:" + endpoint.port());
    }
}
// @end
