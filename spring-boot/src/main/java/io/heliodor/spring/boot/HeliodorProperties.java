package io.heliodor.spring.boot;

import io.heliodor.limit.Limits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties of Heliodor.
 *
 * @param enabled Whether sockets are served. Without them the application publishes only, as a worker, or is tested by the test kit.
 * @param port Port of the sockets; 0 for a free one, which is published as local.heliodor.port.
 * @param host Address to listen on.
 * @param path Path of the socket, to which clients append /websocket.
 * @param origins Origins of pages that may connect, such as https://app.example.com. By default those of the same host name, with this
 *     port or that of the web server.
 * @param limits Limits for clients: those of the open internet, or inside a network that only trusted clients reach.
 * @param compression Whether clients may negotiate compression.
 * @param trustedProxies Addresses and networks of proxies whose X-Forwarded-For names the clients.
 * @param drain Time over which clients are closed when the application stops, if there are more than 100; by default 2s. Less than
 *     spring.lifecycle.timeout-per-shutdown-phase.
 * @param secret Secret of tokens, at least 32 bytes; makes a Secret bean.
 * @param security Access to channels without a UserSocket bean, in an application with Spring Security.
 * @param ssl Encryption of connections.
 * @param jwt Tokens of clients.
 * @param cluster Cluster of nodes.
 * @param dashboard Page for operators.
 */
@ConfigurationProperties("heliodor")
record HeliodorProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue(DEFAULT_PORT) int port,
        @DefaultValue("0.0.0.0") String host,
        @DefaultValue("/socket") String path,
        @DefaultValue List<String> origins,
        @DefaultValue("open-internet") ClientLimits limits,
        boolean compression,
        @DefaultValue List<String> trustedProxies,
        @Nullable Duration drain,
        @Nullable String secret,
        @DefaultValue("jwt") Access security,
        @DefaultValue Ssl ssl,
        @DefaultValue JwtTokens jwt,
        @DefaultValue Cluster cluster,
        @DefaultValue Dashboard dashboard) {
    static final String DEFAULT_PORT = "4000";

    /** After the last turn of a drain: handlers and leave hooks for 10 s, and the hand-over of histories for 5 s. */
    private static final Duration AFTER_DRAIN = Duration.ofSeconds(15);

    /**
     * The time of the drain; null for the endpoint's own.
     *
     * @param phase how long Spring waits for it
     * @throws HeliodorConfigurationException if it is negative, or as long as the phase or longer
     */
    @Nullable
    Duration drainWithin(Duration phase) {
        if (drain == null) {
            return null;
        }
        if (drain.isNegative()) {
            throw new HeliodorConfigurationException(
                    "The property heliodor.drain is negative: " + drain + ".",
                    "Set it to 0s, which closes all clients at once, or to more.");
        }
        if (drain.compareTo(phase) >= 0) {
            throw new HeliodorConfigurationException(
                    "The property heliodor.drain is " + drain + ", but Spring waits for a phase of the shutdown for "
                            + phase + " only, and then closes what handlers still use.",
                    "Set spring.lifecycle.timeout-per-shutdown-phase to " + drain.plus(AFTER_DRAIN)
                            + " or more, or heliodor.drain to less.");
        }
        return drain;
    }

    /** Sets of limits. */
    enum ClientLimits {
        /** For clients of the open internet. */
        OPEN_INTERNET,
        /** For trusted clients inside a network. */
        INSIDE_NETWORK;

        Limits limits() {
            return this == OPEN_INTERNET ? Limits.openInternet() : Limits.insideNetwork();
        }
    }

    /** The access to channels without a socket of the application's own. */
    enum Access {
        /** For clients with a token that the JwtDecoder accepts. */
        JWT,
        /** For everybody. */
        OPEN
    }

    /**
     * The encryption of connections.
     *
     * @param bundle Name of the SSL bundle with the certificate of the server; without it connections are not encrypted.
     */
    record Ssl(@Nullable String bundle) {}

    /**
     * The tokens of clients.
     *
     * @param inUrl Whether a token may come in the parameter "token" of the URL, where logs of proxies show it.
     * @param refuseAfterUpgrade Whether refused clients get the status as an event, for pages with onRefused of heliodor.mjs. Other
     *     pages would connect again at once.
     */
    record JwtTokens(boolean inUrl, boolean refuseAfterUpgrade) {}

    /**
     * The page for operators.
     *
     * @param enabled Whether it is served, at /dashboard of the port of the sockets. It needs heliodor-dashboard.
     * @param token Secret of its readers: 16 to 256 letters, digits and signs of . _ ~ -. By default a random one, which the log has.
     * @param actions Whether its readers may disconnect users, remove members, drain nodes and try messages.
     */
    record Dashboard(boolean enabled, @Nullable String token, boolean actions) {}

    /**
     * The cluster of nodes.
     *
     * @param name Name of this node, app@host; without it there is no cluster.
     * @param bind Address to listen on for other nodes, host:port. By default the host of the name, and port 7100.
     * @param advertise Address by which other nodes reach this one, host:port, if it differs.
     * @param seeds Addresses of other nodes, host:port; names with several addresses are looked up again.
     * @param cookie Secret that all nodes share.
     * @param cookieFile File with the secret that all nodes share.
     * @param voters Names of the nodes that decide names and elections by majority, app@host.
     * @param data Directory of a voter, which outlives it.
     */
    record Cluster(
            @Nullable String name,
            @Nullable String bind,
            @Nullable String advertise,
            @DefaultValue List<String> seeds,
            @Nullable String cookie,
            @Nullable Path cookieFile,
            @DefaultValue List<String> voters,
            @Nullable Path data) {
        /** Refuses settings that would have no effect. */
        void check() {
            List<String> set = new ArrayList<>();
            add(set, "bind", bind != null);
            add(set, "advertise", advertise != null);
            add(set, "seeds", !seeds.isEmpty());
            add(set, "cookie", cookie != null);
            add(set, "cookie-file", cookieFile != null);
            add(set, "voters", !voters.isEmpty());
            add(set, "data", data != null);
            if (name == null && !set.isEmpty()) {
                throw new HeliodorConfigurationException(
                        "The application would run alone: heliodor.cluster.name is not set, but "
                                + String.join(", ", set) + ".",
                        "Set heliodor.cluster.name, such as desk@10.0.0.1 with the address by which the other nodes reach this one.");
            }
            if (cookie != null && cookieFile != null) {
                throw new HeliodorConfigurationException(
                        "Both heliodor.cluster.cookie and heliodor.cluster.cookie-file are set.",
                        "Remove one of them.");
            }
            if (data == null && name != null && voters.contains(name)) {
                throw new HeliodorConfigurationException(
                        "The node " + name
                                + " is one of heliodor.cluster.voters, and heliodor.cluster.data is not set.",
                        "Set heliodor.cluster.data to a directory that outlives the process, such as /var/lib/desk.");
            }
            if (data != null && voters.isEmpty()) {
                throw new HeliodorConfigurationException(
                        "The property heliodor.cluster.data is the directory of a voter, but there are no voters.",
                        "Set heliodor.cluster.voters to the names of the voters, or remove heliodor.cluster.data.");
            }
        }

        private static void add(List<String> names, String name, boolean isSet) {
            if (isSet) {
                names.add("heliodor.cluster." + name);
            }
        }
    }
}
