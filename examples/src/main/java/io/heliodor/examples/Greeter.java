package io.heliodor.examples;

// @start region=program
import io.heliodor.client.Client;
import io.heliodor.client.ClientChannel;
import io.heliodor.event.Event;
import java.net.URI;

/** Greets each user that writes hello. */
class Greeter {
    record Enter(String name) {}

    record Say(String body) {}

    record Message(String from, String body) {}

    static final Event<Say> SAY = Event.of("say", Say.class);
    static final Event<Message> NEW_MSG = Event.of("new_msg", Message.class);

    public static void main(String[] args) throws InterruptedException {
        Client client = Client.to(URI.create("ws://localhost:4000/socket")).build();
        ClientChannel lobby = client.channel("room:lobby", new Enter("greeter"));
        lobby.onStatus(status -> System.out.println(status));
        lobby.on(NEW_MSG, message -> {
            System.out.println(message.from() + ": " + message.body());
            if (message.body().equals("hello")) {
                lobby.push(SAY, new Say("Hello, " + message.from()));
            }
        });
        lobby.join();
        Thread.currentThread().join();
    }
}
// @end
