package io.heliodor.benchmarks;

import java.net.URI;
import java.util.Locale;

/**
 * The address of the socket.
 *
 * @param host name or address
 * @param port 1 to 65535
 * @param path of the WebSocket, with its query
 */
record Target(String host, int port, String path) {
    private static final String SOCKET = "/socket";

    /**
     * The target of a URL such as {@code http://127.0.0.1:4000}; {@code ws} is accepted too. A path names the mount
     * point and is {@code /socket} by default.
     *
     * @throws IllegalArgumentException if it is not such a URL
     */
    static Target of(String url) {
        URI uri = URI.create(url);
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (uri.getHost() == null || !(scheme.equals("http") || scheme.equals("ws"))) {
            throw new IllegalArgumentException("'" + url + "' is no URL like http://127.0.0.1:4000");
        }
        String path = uri.getPath() == null ? "" : uri.getPath().replaceAll("/+$", "");
        return new Target(uri.getHost(), uri.getPort() < 0 ? 80 : uri.getPort(), "").at(path.isEmpty() ? SOCKET : path);
    }

    /** The same server at another mount point. */
    Target at(String mount) {
        return new Target(host, port, mount + "/websocket?vsn=2.0.0");
    }
}
