package io.heliodor.limit;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * The limits of an endpoint, one record for each concern. An immutable value: begin with a preset and change what differs.
 *
 * {@snippet lang="java" :
 * Limits.openInternet().sessions(s -> s.maxChannels(10).idleTimeout(Duration.ofSeconds(90)))
 * Limits.insideNetwork().connections(c -> c.max(50_000))
 * }
 *
 * @param connections the limits of connections and handshakes
 * @param sessions the limits of one client: sizes, numbers and timeouts
 * @param memory the limits of memory for clients
 * @param rates the rates of one client; no limit in either preset
 */
public record Limits(ConnectionLimits connections, SessionLimits sessions, MemoryLimits memory, RateLimits rates) {
    private static final Limits OPEN_INTERNET = new Limits(
            new ConnectionLimits(
                    Integer.MAX_VALUE,
                    Integer.MAX_VALUE,
                    256,
                    Integer.MAX_VALUE,
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(75)),
            new SessionLimits(
                    1 << 20, 100, 1_000, Duration.ofSeconds(30), Duration.ofSeconds(10), Duration.ofSeconds(60)),
            new MemoryLimits(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), 96 << 20),
            new RateLimits(Optional.empty(), Optional.empty(), false));

    private static final Limits INSIDE_NETWORK = OPEN_INTERNET
            .connections(c -> c.maxHandshakesPerAddress(Integer.MAX_VALUE))
            .sessions(s -> s.maxMessageBytes(4 << 20).maxChannels(1_000).stallTimeout(Duration.ofSeconds(30)));

    /**
     * Checks the limits.
     *
     * @throws NullPointerException if one of the four is null, as if a change returned none; the text names it
     */
    public Limits {
        Objects.requireNonNull(connections, "connections");
        Objects.requireNonNull(sessions, "sessions");
        Objects.requireNonNull(memory, "memory");
        Objects.requireNonNull(rates, "rates");
    }

    /**
     * Limits for clients that are not trusted, such as public pages and apps. The default of an endpoint.
     *
     * @return the default of each component
     */
    public static Limits openInternet() {
        return OPEN_INTERNET;
    }

    /**
     * Limits for clients that are trusted and come from few addresses: services, and users behind one gateway. They differ
     * from {@link #openInternet()} in four limits: {@link SessionLimits#maxMessageBytes() messages} of 4 MiB, 1 000
     * {@link SessionLimits#maxChannels() channels}, a {@link SessionLimits#stallTimeout() stall timeout} of 30 s, and any
     * number of {@link ConnectionLimits#maxHandshakesPerAddress() handshakes} of one address. A client of this kind can make the
     * endpoint hold more, so it can harm others more.
     *
     * @return the limits
     */
    public static Limits insideNetwork() {
        return INSIDE_NETWORK;
    }

    /**
     * These limits with other ones for connections.
     *
     * @param change gets the present ones and returns the new ones; called once, by this method
     * @return new limits
     */
    public Limits connections(UnaryOperator<ConnectionLimits> change) {
        return new Limits(Objects.requireNonNull(change, "change").apply(connections), sessions, memory, rates);
    }

    /**
     * These limits with other ones for sessions.
     *
     * @param change gets the present ones and returns the new ones; called once, by this method
     * @return new limits
     */
    public Limits sessions(UnaryOperator<SessionLimits> change) {
        return new Limits(connections, Objects.requireNonNull(change, "change").apply(sessions), memory, rates);
    }

    /**
     * These limits with other ones for memory.
     *
     * @param change gets the present ones and returns the new ones; called once, by this method
     * @return new limits
     */
    public Limits memory(UnaryOperator<MemoryLimits> change) {
        return new Limits(
                connections, sessions, Objects.requireNonNull(change, "change").apply(memory), rates);
    }

    /**
     * These limits with other rates.
     *
     * @param change gets the present ones and returns the new ones; called once, by this method
     * @return new limits
     */
    public Limits rates(UnaryOperator<RateLimits> change) {
        return new Limits(
                connections,
                sessions,
                memory,
                Objects.requireNonNull(change, "change").apply(rates));
    }
}
