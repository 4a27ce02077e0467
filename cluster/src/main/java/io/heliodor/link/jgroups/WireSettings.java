package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * What a wire needs to know.
 *
 * @param self this node; its name has at most 255 bytes
 * @param bind where to listen; port 0 for any free one
 * @param advertised where others reach this node if not where it listens; port 0 for the one it listens at
 * @param seeds where other nodes may be
 * @param cluster the name of the cluster, 1 to 255 bytes; nodes of another one are refused
 * @param cookie the shared secret, then those of peers that are accepted beside it; empty only on loopback: then nothing
 *     is encrypted, and whoever reaches the port belongs to the cluster
 * @param timing how long things may take
 * @param voters whether the cluster has voters
 * @param versions the versions of the protocol that this node has
 * @param tls what secures connections instead of a cookie: both ends show a certificate that the other one trusts
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
     * WireSettings that are complete.
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

    /**
     * WireSettings without voters.
     *
     * @param self this node
     * @param bind where to listen
     * @param advertised where others reach this node
     * @param seeds where other nodes may be
     * @param cluster the name of the cluster
     * @param cookie the shared secret, then those of peers that are accepted beside it
     * @param timing how long things may take
     */
    public WireSettings(
            Peer self,
            InetSocketAddress bind,
            Optional<InetSocketAddress> advertised,
            SeedAddresses seeds,
            String cluster,
            List<CookieSecret> cookie,
            Timing timing) {
        this(self, bind, advertised, seeds, cluster, cookie, timing, false, ProtocolVersions.PRESENT, Optional.empty());
    }

    /**
     * The same for a cluster with voters.
     *
     * @return other settings
     */
    public WireSettings withVoters() {
        return new WireSettings(self, bind, advertised, seeds, cluster, cookie, timing, true, versions, tls);
    }

    /**
     * The same, secured by keys of its own.
     *
     * @param context makes connections, of TLS 1.3
     * @return other settings
     */
    public WireSettings with(SSLContext context) {
        return new WireSettings(
                self, bind, advertised, seeds, cluster, cookie, timing, voters, versions, Optional.of(context));
    }

    /**
     * The same with other versions, for tests of a release that does not exist yet.
     *
     * @param others the versions
     * @return other settings
     */
    public WireSettings with(ProtocolVersions others) {
        return new WireSettings(self, bind, advertised, seeds, cluster, cookie, timing, voters, others, tls);
    }

    /** Both ends of a connection must agree on it. A cluster has one kind of names: with voters or without. */
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

    /**
     * WireSettings with the default timing and no advertised address.
     *
     * @param self this node
     * @param bind where to listen
     * @param seeds where other nodes may be
     * @param cluster the name of the cluster
     * @param cookie the shared secret, then those of peers that are accepted beside it
     * @return the settings
     */
    public static WireSettings of(
            Peer self, InetSocketAddress bind, SeedAddresses seeds, String cluster, List<CookieSecret> cookie) {
        return new WireSettings(self, bind, Optional.empty(), seeds, cluster, cookie, Timing.defaults());
    }
}
