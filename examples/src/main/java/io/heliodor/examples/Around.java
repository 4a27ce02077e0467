package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.ConnectHandler;
import io.heliodor.channel.UserSocket;
import io.heliodor.examples.RoomChannel.User;
import org.slf4j.MDC;

/** A hook around all handlers of a socket. */
final class Around {
    private Around() {}

    static UserSocket<User> socket(ConnectHandler<User> connect, Channel<User, ?> room) {
        // @start region=around
        return UserSocket.connect(connect)
                .around(invocation -> {
                    MDC.put("topic", invocation.topic());
                    MDC.put("user", invocation.socket().assigns().id());
                    try {
                        invocation.proceed();
                    } finally {
                        MDC.remove("topic");
                        MDC.remove("user");
                    }
                })
                .channel("room:*", room)
                .build();
        // @end
    }
}
