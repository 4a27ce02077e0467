package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import io.heliodor.link.jgroups.socket.CookieSecret;
import io.heliodor.link.jgroups.socket.ProtocolVersions;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * The settings of a {@link JGroupsWire}.
 *
 * @param self this node; its name has at most 255 bytes
 * @param bind the address to listen at; port 0 for any free one
 * @param advertised the address at which others reach this node, if it is another one; port 0 for the one it listens at
 * @param seeds the addresses of other nodes
 * @param cluster the name of the cluster, 1 to 255 bytes; nodes of another one are refused
 * @param cookie the shared secret, then others that are accepted from peers; empty only on loopback: then nothing is
 *     encrypted, and any client that reaches the port can join
 * @param timing the intervals and timeouts
 * @param voters whether the cluster has voters
 * @param versions the versions of the protocol that this node has
 * @param tls secures connections instead of a cookie: each end presents a certificate that the other one trusts
 */
public record WireSettings(
        Peer self,
        InetSocketAddress bind,
        Optional<InetSocketAddress> advertised,
        SeedAddresses seeds,
        String cluster,
        List<CookieSecret> cookie,
        Timing timing,
        boolean voters,
        ProtocolVersions versions,
        Optional<SSLContext> tls) {
    /**
     * All settings.
     *
     * @throws IllegalArgumentException when a name is empty or too long, or the address to listen at has no IP address
     */
    public WireSettings {
        cookie = List.copyOf(cookie);
        checkName("node", self.node());
        checkName("cluster", cluster);
        if (bind.isUnresolved()) {
            throw new IllegalArgumentException("The address to listen at has no IP address: " + bind);
        }
        if (tls.isPresent() && !cookie.isEmpty()) {
            throw new IllegalArgumentException("A node has a cookie, or keys of its own for TLS, but not both.");
        }
    }

    /** The name of the cluster in handshakes. Clusters with and without voters refuse each other by it. */
    String realm() {
        return voters ? cluster + " with voters" : cluster;
    }

    private static void checkName(String what, String name) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length > 255) {
            throw new IllegalArgumentException(
                    "The name of the " + what + " must have 1 to 255 bytes, but " + name + " has " + length + ".");
        }
    }
}
