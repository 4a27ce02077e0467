package io.heliodor.transport.longpoll;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.counter.PartyBytes;
import io.heliodor.session.budget.PartyShares;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The long-polling sessions of a server by their tokens. Any thread may use it.
 *
 * <p>At the limit the network with most sessions gives way: its oldest session ends for one of another network. A network is a
 * party of this pool, and not the id of a user, because a session that is refused costs no call of the connect handler.
 */
public final class PollSessions {
    /** Distinguishes tokens of sessions from parameters of users with the same name. */
    private static final String PREFIX = "poll.";

    private static final int TOKEN_BYTES = 24;
    private static final Pattern TOKEN = Pattern.compile("poll\\.([\\w-]+)\\.[\\w-]{32}");

    private final PollLimits limits;

    /** The name of this endpoint. */
    private final String endpoint;

    private final LongSupplier nanos;
    private final SecureRandom random = new SecureRandom();
    private final ConcurrentHashMap<String, Open> sessions = new ConcurrentHashMap<>();

    /** The tokens of each network, the oldest first. */
    @GuardedBy("this")
    private final Map<InetAddress, LinkedHashSet<String>> byNetwork = new HashMap<>();

    /** The number of sessions of each network. */
    @GuardedBy("this")
    private final PartyBytes<InetAddress> counts = new PartyBytes<>();

    private record Open(PollConnection session, InetAddress network) {}

    PollSessions(PollLimits limits, String endpoint) {
        this(limits, endpoint, System::nanoTime);
    }

    PollSessions(PollLimits limits, String endpoint, LongSupplier nanos) {
        this.limits = limits;
        this.endpoint = endpoint;
        this.nanos = nanos;
    }

    /** The time of a monotonic clock. */
    long nanos() {
        return nanos.getAsLong();
    }

    PollLimits limits() {
        return limits;
    }

    /** Whether a text has the form of a token, of an open or a former session. */
    static boolean isToken(String text) {
        return text.startsWith(PREFIX);
    }

    /** The name of the endpoint that created a token. */
    static Optional<String> endpointOf(@Nullable String token) {
        Matcher matcher = TOKEN.matcher(token == null ? "" : token);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** The session of a token at a path; a token is valid for one path. */
    Optional<PollConnection> find(@Nullable String token, String path) {
        if (token == null) {
            return Optional.empty();
        }
        return Optional.ofNullable(sessions.get(token))
                .map(Open::session)
                .filter(session -> session.path().equals(path));
    }

    /**
     * Whether a further session of a client is refused: the limit is reached, and its network would have as many as any other.
     * Concurrent loops may each exceed the limit by one.
     */
    synchronized boolean isFull(InetAddress client) {
        InetAddress largest = counts.largest();
        return counts.bytes() >= limits.sessions()
                && (largest == null || counts.of(PartyShares.network(client)) + 1 >= counts.of(largest));
    }

    /** Adds a session with a new token. Beyond the limit it ends the oldest session of the network that has most. */
    PollConnection add(InetAddress client, Function<String, PollConnection> made) {
        byte[] secret = new byte[TOKEN_BYTES];
        random.nextBytes(secret);
        String token = PREFIX + endpoint + "."
                + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        PollConnection session = made.apply(token);
        Optional<PollConnection> victim = add(token, new Open(session, PartyShares.network(client)));
        victim.ifPresent(PollConnection::giveWay);
        return session;
    }

    private synchronized Optional<PollConnection> add(String token, Open open) {
        sessions.put(token, open);
        byNetwork.computeIfAbsent(open.network(), _ -> new LinkedHashSet<>(2)).add(token);
        counts.add(open.network(), 1);
        InetAddress largest = Objects.requireNonNull(counts.largest());
        return counts.bytes() <= limits.sessions() || counts.of(largest) == counts.of(open.network())
                ? Optional.empty()
                : remove(Objects.requireNonNull(byNetwork.get(largest)).getFirst());
    }

    /** Removes a session; empty if it was removed before. */
    synchronized Optional<PollConnection> remove(String token) {
        Open removed = sessions.remove(token);
        if (removed == null) {
            return Optional.empty();
        }
        counts.add(removed.network(), -1);
        Set<String> others = Objects.requireNonNull(byNetwork.get(removed.network()));
        others.remove(token);
        if (others.isEmpty()) {
            byNetwork.remove(removed.network());
        }
        return Optional.of(removed.session());
    }
}
