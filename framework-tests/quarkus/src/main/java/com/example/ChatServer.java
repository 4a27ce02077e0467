package com.example;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Channels;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

@Singleton
class ChatServer {
    record Message(String text) {}

    static final Event<Message> MESSAGE = Event.of("message", Message.class);

    private final Endpoint endpoint;

    ChatServer(@ConfigProperty(name = "chat.port") int port, @ConfigProperty(name = "chat.origin") String origin) {
        Channel<Object, Empty> room = Channel.join(join -> Join.ok(Empty.EMPTY))
                .on(MESSAGE, (message, context) -> context.broadcast(MESSAGE, message))
                .build();
        endpoint = Endpoint.builder()
                .port(port)
                .origins(origin)
                .socket("/socket", UserSocket.open().channel("room:*", room).build())
                .build();
    }

    void start(@Observes StartupEvent event) {
        endpoint.start();
    }

    void drain(@Observes ShutdownDelayInitiatedEvent event) {
        endpoint.close();
    }

    void stop(@Observes ShutdownEvent event) {
        endpoint.close();
    }

    int port() {
        return endpoint.port();
    }

    Channels channels() {
        return endpoint.channels();
    }
}
