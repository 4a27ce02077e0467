package io.heliodor.transport;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The long-polling sessions of a server by their tokens. Any thread may use it. */
final class PollSessions {
    /** Tells tokens of sessions from what users call a token. */
    private static final String PREFIX = "poll.";

    private static final int TOKEN_BYTES = 24;

    private final PollLimits limits;
    private final SecureRandom random = new SecureRandom();
    private final ConcurrentHashMap<String, PollConnection> sessions = new ConcurrentHashMap<>();

    PollSessions(PollLimits limits) {
        this.limits = limits;
    }

    PollLimits limits() {
        return limits;
    }

    /** Whether a text has the form of a token, be its session alive or gone. */
    static boolean token(String text) {
        return text.startsWith(PREFIX);
    }

    /** The session of a token. A token of another mount has none. */
    Optional<PollConnection> find(@Nullable String token, Mount<?> mount) {
        if (token == null) {
            return Optional.empty();
        }
        return Optional.ofNullable(sessions.get(token))
                .filter(session -> session.path().equals(mount.path()));
    }

    /** Whether there may be no more. Asked by several loops at once, which may add one too many each. */
    boolean full() {
        return sessions.mappingCount() >= limits.sessions();
    }

    /** Adds a session under a new token. */
    PollConnection add(Function<String, PollConnection> made) {
        byte[] secret = new byte[TOKEN_BYTES];
        random.nextBytes(secret);
        String token = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        PollConnection session = made.apply(token);
        sessions.put(token, session);
        return session;
    }

    void remove(String token) {
        sessions.remove(token);
    }
}
