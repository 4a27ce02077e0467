package io.heliodor.transport.longpoll;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The long-polling sessions of a server by their tokens. Any thread may use it. */
public final class PollSessions {
    /** Distinguishes tokens of sessions from parameters of users with the same name. */
    private static final String PREFIX = "poll.";

    private static final int TOKEN_BYTES = 24;
    private static final Pattern TOKEN = Pattern.compile("poll\\.([\\w-]+)\\.[\\w-]{32}");

    private final PollLimits limits;

    /** The name of this endpoint. */
    private final String endpoint;

    private final SecureRandom random = new SecureRandom();
    private final ConcurrentHashMap<String, PollConnection> sessions = new ConcurrentHashMap<>();

    PollSessions(PollLimits limits, String endpoint) {
        this.limits = limits;
        this.endpoint = endpoint;
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
                .filter(session -> session.path().equals(path));
    }

    /** Whether the limit is reached. Concurrent loops may each exceed it by one. */
    boolean isFull() {
        return sessions.mappingCount() >= limits.sessions();
    }

    /** Adds a session with a new token. */
    PollConnection add(Function<String, PollConnection> made) {
        byte[] secret = new byte[TOKEN_BYTES];
        random.nextBytes(secret);
        String token = PREFIX + endpoint + "."
                + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        PollConnection session = made.apply(token);
        sessions.put(token, session);
        return session;
    }

    void remove(String token) {
        sessions.remove(token);
    }
}
