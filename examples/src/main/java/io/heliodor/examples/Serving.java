package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.limit.Limits;
import java.time.Duration;

/** The settings of a server on the open internet. */
final class Serving {
    private Serving() {}

    static UserSocket<Object> socket(Channel<Object, ?> room, Channel<Object, ?> lobby, Channel<Object, ?> news) {
        // @start region=patterns
        return UserSocket.open()
                .channel("room:*", room)
                .channel("room:lobby", lobby)
                .channel("news", news)
                .build();
        // @end
    }

    static Endpoint start(int port, UserSocket<?> socket) {
        // @start region=endpoint
        Endpoint endpoint = Endpoint.builder()
                .port(port)
                .origins("https://app.example.com")
                .limits(Limits.openInternet().sessions(s -> s.maxChannels(10).idleTimeout(Duration.ofSeconds(90))))
                .socket("/socket", socket)
                .build()
                .start();
        // @end
        return endpoint;
    }

    static void stopWithTheJvm(Endpoint endpoint) {
        // @start region=stop
        Runtime.getRuntime().addShutdownHook(new Thread(endpoint::close));
        // @end
    }
}
