package io.heliodor.spring.boot;

import io.heliodor.channel.Connect;
import io.heliodor.channel.UserSocket;

/** A socket that no client connects to: the declarations of its channels are used, whatever assigns they need. */
final class NoAccess extends SocketAccess<Object> {
    NoAccess() {
        super(null);
    }

    @Override
    UserSocket.Builder<Object> socket() {
        return UserSocket.connect(_ -> Connect.refuse(503));
    }

    @Override
    String source() {
        return "a socket without clients";
    }
}
