package io.heliodor.endpoint;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A request for a computed text.
 *
 * @param path its path, decoded
 * @param params the parameters of its query, decoded, by name
 * @param headers its headers by their names in lower case
 * @param remoteAddress the address of the client, an IP address as text: that of the peer, or the one that a trusted proxy names
 */
public record Request(
        String path, Map<String, List<String>> params, Map<String, List<String>> headers, String remoteAddress) {
    /**
     * A parameter of the query.
     *
     * @param name its name
     * @return its last value
     */
    public Optional<String> param(String name) {
        return Optional.ofNullable(params.get(name)).map(List::getLast);
    }

    /**
     * A header.
     *
     * @param name its name, in any case
     * @return its first value
     */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT))).map(List::getFirst);
    }
}
