package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.pubsub.PubSub;

/** Servers on a free port of loopback. */
final class Servers {
    private Servers() {}

    static Endpoint serve(UserSocket<?> socket) {
        return Endpoint.builder()
                .host("127.0.0.1")
                .port(0)
                .socket("/socket", socket)
                .build()
                .start();
    }

    /** The same over a pub/sub that others use too. */
    static Endpoint serve(PubSub pubsub, UserSocket<?> socket) {
        return Endpoint.builder()
                .host("127.0.0.1")
                .port(0)
                .pubsub(pubsub)
                .socket("/socket", socket)
                .build()
                .start();
    }

    /** All clients may connect, and join {@code room:*}. */
    static Endpoint serve(Channel<Object, ?> room) {
        return serve(UserSocket.open().channel("room:*", room).build());
    }
}
