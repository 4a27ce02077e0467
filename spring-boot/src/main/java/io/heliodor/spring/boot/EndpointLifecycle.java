package io.heliodor.spring.boot;

import io.heliodor.endpoint.Endpoint;
import io.heliodor.endpoint.PortInUseException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/** Starts the endpoint after the web server, and drains it before the web server stops. */
final class EndpointLifecycle implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.spring");
    private static final String SOURCE = "heliodor.ports";
    private static final String PORT = "local.heliodor.port";

    /** Those of the web server are 1 024 and 2 048 below the default. */
    private static final int PHASE = DEFAULT_PHASE - 512;

    private final Endpoint endpoint;
    private final boolean serves;
    private final @Nullable Duration drain;
    private final ConfigurableEnvironment environment;

    private volatile boolean stopping;

    /**
     * Starts nothing yet.
     *
     * @param serves whether the endpoint has something to serve
     * @param drain the window of its drain; null for that of its close
     */
    EndpointLifecycle(
            Endpoint endpoint, boolean serves, @Nullable Duration drain, ConfigurableEnvironment environment) {
        this.endpoint = endpoint;
        this.serves = serves;
        this.drain = drain;
        this.environment = environment;
    }

    /** Whether the endpoint has something to serve. */
    boolean serves() {
        return serves;
    }

    /** Whether clients are accepted: the endpoint has started, and does not drain. */
    boolean accepts() {
        return endpoint.isRunning() && !stopping;
    }

    @Override
    public boolean isAutoStartup() {
        if (!serves) {
            LOG.info("Heliodor listens on no port, because there is neither a UserSocket nor a Channel bean.");
        }
        return serves;
    }

    @Override
    public void start() {
        try {
            endpoint.start();
        } catch (PortInUseException e) {
            throw e;
        } catch (UncheckedIOException e) {
            throw new HeliodorConfigurationException(
                    "Heliodor did not start: "
                            + Objects.requireNonNullElse(e.getCause(), e).getMessage() + ".",
                    "Set heliodor.host to an address of this machine, or leave it out; heliodor.port to a port that this"
                            + " process may listen on.",
                    e);
        }
        environment.getPropertySources().addFirst(new MapPropertySource(SOURCE, Map.of(PORT, endpoint.port())));
    }

    /** An endpoint does not start again, so a paused context of tests keeps it. */
    @Override
    public boolean isPauseable() {
        return false;
    }

    @Override
    public void stop(Runnable callback) {
        Thread.ofVirtual().name("heliodor-stop").start(() -> {
            try {
                stop();
            } finally {
                callback.run();
            }
        });
    }

    @Override
    public void stop() {
        stopping = true;
        try {
            if (drain != null) {
                endpoint.drain(drain);
            }
        } finally {
            endpoint.close();
        }
    }

    @Override
    public boolean isRunning() {
        return endpoint.isRunning();
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
