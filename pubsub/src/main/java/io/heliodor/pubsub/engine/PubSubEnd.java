package io.heliodor.pubsub.engine;

/**
 * How a PubSub ended.
 *
 * @param reason the reason for programs, such as {@code closed} or {@code name_taken}: lower-case letters and {@code _}
 * @param text the reason for people: a sentence that names what ended
 */
public record PubSubEnd(String reason, String text) {
    /** The reason of an end by {@link io.heliodor.pubsub.PubSub#close()}. */
    static final String CLOSED = "closed";

    /** Checks the reason, which is written into JSON as it is. */
    public PubSubEnd {
        if (!reason.matches("[a-z_]+")) {
            throw new IllegalArgumentException("'" + reason + "' is not a reason: lower-case letters and _.");
        }
    }

    static PubSubEnd closed(String title) {
        return new PubSubEnd(CLOSED, "This " + title + " is closed.");
    }
}
