package io.heliodor.transport.handshake;

import io.heliodor.channel.Connect;
import io.heliodor.channel.Socket;
import io.heliodor.transport.http.HeaderMap;
import io.heliodor.transport.http.TrustedProxies;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLSession;

/**
 * A client's request to connect, as the connect handler gets it.
 *
 * @param path its path
 * @param params the parameters of its query
 * @param fields its headers
 * @param authToken the token
 * @param client the address and scheme of the client
 * @param tls the TLS session of its connection
 * @param transport the requested transport
 */
public record ConnectRequest(
        String path,
        Map<String, List<String>> params,
        HttpHeaders fields,
        Optional<String> authToken,
        TrustedProxies.Client client,
        Optional<SSLSession> tls,
        Socket.Transport transport)
        implements Connect {
    @Override
    public Optional<String> param(String name) {
        Objects.requireNonNull(name, "name");
        List<String> values = params.get(name);
        return values == null || values.isEmpty() ? Optional.empty() : Optional.of(values.getLast());
    }

    @Override
    public Optional<String> header(String name) {
        Objects.requireNonNull(name, "name");
        return Optional.ofNullable(fields.get(name));
    }

    @Override
    public Map<String, List<String>> headers() {
        return HeaderMap.of(fields);
    }

    @Override
    public Map<String, String> cookies() {
        Map<String, String> cookies = new LinkedHashMap<>();
        for (String header : fields.getAll(HttpHeaderNames.COOKIE)) {
            // A browser sends the cookie with the most specific path first.
            ServerCookieDecoder.STRICT
                    .decodeAll(header)
                    .forEach(cookie -> cookies.putIfAbsent(cookie.name(), cookie.value()));
        }
        return Collections.unmodifiableMap(cookies);
    }

    @Override
    public String remoteAddress() {
        return client.address().getHostAddress();
    }

    @Override
    public Optional<String> scheme() {
        return client.scheme();
    }
}
