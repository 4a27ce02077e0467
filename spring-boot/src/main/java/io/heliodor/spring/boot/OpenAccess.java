package io.heliodor.spring.boot;

import io.heliodor.channel.UserSocket;

/** A socket that every client may connect to. */
final class OpenAccess extends SocketAccess<Object> {
    OpenAccess() {
        super(Object.class);
    }

    @Override
    UserSocket.Builder<Object> socket() {
        return UserSocket.open();
    }

    @Override
    String source() {
        return "a socket that is open to every client";
    }
}
