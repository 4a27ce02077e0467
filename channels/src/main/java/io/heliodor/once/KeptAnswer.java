package io.heliodor.once;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * The answer to a call.
 *
 * @param ok whether its status is {@code ok}, not {@code error}
 * @param binary whether the payload is bytes, not JSON
 * @param payload the payload, which is never modified
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record KeptAnswer(boolean ok, boolean binary, byte[] payload) {
    /** The error for a call that was executed, at least in part, and whose answer is not known. */
    public static final KeptAnswer UNKNOWN = error("unknown");

    /** The error for a call whose handler gave no reply: it threw, or stopped its channel. */
    public static final KeptAnswer UNANSWERED = error("unanswered");

    /**
     * An error.
     *
     * @param reason lower-case letters and {@code _}
     * @return the answer
     */
    public static KeptAnswer error(String reason) {
        return new KeptAnswer(false, false, ("{\"reason\":\"" + reason + "\"}").getBytes(UTF_8));
    }
}
