package io.heliodor.endpoint;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.transport.AddressInUse;
import io.heliodor.transport.Server;
import io.heliodor.transport.Settings;
import io.heliodor.transport.handshake.Mount;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The steps of a start of an {@link Endpoint}, which keeps their results. */
final class Startup {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.endpoint");
    private static final Duration CATCH_UP = Duration.ofSeconds(10);

    private Startup() {}

    /** Refuses settings without anything to serve. */
    static void checkServes(Settings settings) {
        if (settings.mounts().isEmpty()
                && settings.files().isEmpty()
                && settings.texts().isEmpty()) {
            throw new IllegalStateException(
                    "The endpoint has no socket, so no client could connect; add .socket(\"/socket\", socket).");
        }
    }

    /**
     * Waits until what the endpoint has is up to date with the other nodes, for a while at most.
     *
     * @throws IllegalStateException if the pub/sub has ended
     */
    static void awaitOthers(PubSub pubsub) {
        ClusterPubSub.of(pubsub).ended().ifPresent(how -> {
            throw new IllegalStateException(how.text() + " The endpoint cannot start without it.");
        });
        if (!ClusterPubSub.nodesOf(pubsub).awaitCaughtUp(CATCH_UP)) {
            LOG.warn(
                    "The other nodes did not answer within {}: the endpoint starts without all of their presences and revocations, and gets them later.",
                    CATCH_UP);
        }
    }

    /** Binds the ports. */
    static Server start(Settings settings) {
        try {
            return Server.start(settings);
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof AddressInUse inUse) {
                throw new PortInUseException(inUse.host(), inUse.port(), inUse);
            }
            throw e;
        }
    }

    /** Logs the addresses of a started server. */
    static void log(Settings settings, Server server) {
        LOG.info(
                "The endpoint listens on {}://{} ({}), sockets {}",
                settings.tls().isPresent() ? "https" : "http",
                new Settings.Address(settings.host(), server.port()),
                settings.io().name().toLowerCase(Locale.ROOT),
                settings.mounts().stream().map(Mount::path).toList());
        settings.tls()
                .ifPresent(tls -> LOG.info(
                        "TLS of port {} is that of {}",
                        server.port(),
                        tls.certificates().library()));
        settings.management()
                .flatMap(address -> server.managementPort().map(port -> new Settings.Address(address.host(), port)))
                .ifPresent(address -> LOG.info("The management address is http://{}", address));
    }
}
