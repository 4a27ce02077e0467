package io.heliodor.testkit;

import io.heliodor.channel.Connect;
import io.heliodor.channel.Socket;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLSession;

/** A test client's request to connect, as the connect handler gets it. */
record TestConnect(
        String path,
        Map<String, List<String>> params,
        Map<String, List<String>> headers,
        Map<String, String> cookies,
        Optional<String> authToken,
        InetAddress address,
        Optional<String> scheme)
        implements Connect {
    @Override
    public Socket.Transport transport() {
        return Socket.Transport.WEBSOCKET;
    }

    @Override
    public Optional<String> param(String name) {
        Objects.requireNonNull(name, "name");
        return Optional.ofNullable(params.get(name)).map(List::getLast);
    }

    @Override
    public Optional<String> header(String name) {
        Objects.requireNonNull(name, "name");
        return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT))).map(List::getFirst);
    }

    @Override
    public String remoteAddress() {
        return address.getHostAddress();
    }

    @Override
    public Optional<SSLSession> tls() {
        return Optional.empty();
    }
}
