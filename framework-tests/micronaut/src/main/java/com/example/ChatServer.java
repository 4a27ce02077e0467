package com.example;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Channels;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.micronaut.context.annotation.Value;
import io.micronaut.runtime.event.annotation.EventListener;
import io.micronaut.runtime.server.event.ServerShutdownEvent;
import io.micronaut.runtime.server.event.ServerStartupEvent;
import jakarta.inject.Singleton;

@Singleton
class ChatServer {
    record Message(String text) {}

    static final Event<Message> MESSAGE = Event.of("message", Message.class);

    private final Endpoint endpoint;

    ChatServer(@Value("${chat.port}") int port, @Value("${chat.origin}") String origin) {
        Channel<Object, Empty> room = Channel.join(join -> Join.ok(Empty.EMPTY))
                .on(MESSAGE, (message, context) -> context.broadcast(MESSAGE, message))
                .build();
        endpoint = Endpoint.builder()
                .port(port)
                .origins(origin)
                .socket("/socket", UserSocket.open().channel("room:*", room).build())
                .build();
    }

    @EventListener
    void start(ServerStartupEvent event) {
        endpoint.start();
    }

    @EventListener
    void stop(ServerShutdownEvent event) {
        endpoint.close();
    }

    int port() {
        return endpoint.port();
    }

    Channels channels() {
        return endpoint.channels();
    }
}
