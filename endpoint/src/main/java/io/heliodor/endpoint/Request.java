package io.heliodor.endpoint;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A request for a computed text.
 *
 * @param path its decoded path
 * @param params the decoded parameters of its query by name
 * @param headers its headers by lower-case names
 * @param remoteAddress the IP address of the client as text: that of the peer, or that in the header of a trusted proxy
 */
public record Request(
        String path, Map<String, List<String>> params, Map<String, List<String>> headers, String remoteAddress) {
    /** Checks that no value is null. */
    public Request {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(params, "params");
        Objects.requireNonNull(headers, "headers");
        Objects.requireNonNull(remoteAddress, "remoteAddress");
    }

    /**
     * Returns a parameter of the query.
     *
     * @param name its name
     * @return its last value
     */
    public Optional<String> param(String name) {
        Objects.requireNonNull(name, "name");
        return Optional.ofNullable(params.get(name)).map(List::getLast);
    }

    /**
     * Returns a header.
     *
     * @param name its name, in any case
     * @return its first value
     */
    public Optional<String> header(String name) {
        Objects.requireNonNull(name, "name");
        return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT))).map(List::getFirst);
    }
}
