package io.heliodor.transport;

import io.heliodor.channel.Connect;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One client's request to connect, as the connect handler sees it. */
record ConnectRequest(
        Map<String, List<String>> params, HttpHeaders headers, Optional<String> authToken, String remoteAddress)
        implements Connect {
    @Override
    public Optional<String> param(String name) {
        List<String> values = params.get(name);
        return values == null || values.isEmpty() ? Optional.empty() : Optional.of(values.getLast());
    }

    @Override
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }
}
