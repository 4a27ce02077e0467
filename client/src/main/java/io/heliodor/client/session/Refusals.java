package io.heliodor.client.session;

import io.heliodor.client.status.Refusal;
import io.heliodor.client.wire.Payload;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The errors of the server: their fields, and those that pass. */
public final class Refusals {
    /** The reasons of refused joins after which a later attempt may be accepted. */
    private static final Set<String> JOINS =
            Set.of("join crashed", "rate_limited", "overloaded", "unavailable", "draining", "replaced");

    /** Those of them that a server has before it examines the join. */
    private static final Set<String> BEFORE_JOINS = Set.of("rate_limited", "overloaded", "draining");

    /** The errors of calls with a key after which the same call, sent again, gets its answer. */
    private static final Set<String> CALLS = Set.of("rate_limited", "unavailable", "still_running", "overloaded");

    private static final int TOO_MANY_REQUESTS = 429;
    private static final long MAX_RETRY_MILLIS = Duration.ofDays(1).toMillis();

    private Refusals() {}

    /**
     * Reads an error.
     *
     * @param error the response of an error reply
     * @return the refusal
     */
    public static Refusal read(Payload error) {
        JsonNode tree = error.tree();
        JsonNode after = tree.path("retry_after_ms");
        Optional<Duration> retryAfter =
                after.isNumber() ? Optional.of(Duration.ofMillis(bounded(after.asLong(0)))) : Optional.empty();
        return new Refusal(text(tree.path("reason")), retryAfter, error.isBinary() ? "{}" : error.text());
    }

    static String text(JsonNode node) {
        return node.isString() ? node.stringValue() : "";
    }

    static long bounded(long millis) {
        return Math.max(0, Math.min(MAX_RETRY_MILLIS, millis));
    }

    static boolean passes(Refusal join) {
        return JOINS.contains(join.reason());
    }

    /** Whether the server refuses the join before it replaces an earlier membership. */
    static boolean leavesMembership(Refusal join) {
        return BEFORE_JOINS.contains(join.reason());
    }

    /** Whether the channel of a call ends before its reply. */
    static boolean endsChannel(Refusal call) {
        return call.reason().equals("channel_closed");
    }

    static boolean isRepeated(Refusal call) {
        return CALLS.contains(call.reason());
    }

    /** Whether a client that was refused with a status stays away. */
    static boolean isFinal(int status) {
        return status >= 400 && status < 500 && status != 408 && status != 425 && status != TOO_MANY_REQUESTS;
    }
}
