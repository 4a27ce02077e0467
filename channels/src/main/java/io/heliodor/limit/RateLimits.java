package io.heliodor.limit;

import java.util.Objects;
import java.util.Optional;

/**
 * The rates of one client. Without rates nothing is counted. A rate for the messages of one channel is set in its
 * definition, in addition to these.
 *
 * @param messages the events of one client: messages on all its channels, heartbeats, joins and leaves; no limit by default. An event over
 *     it is not handled: it is answered with the error {@code rate_limited} and {@code retry_after_ms}, or dropped if it has no
 *     ref. A leave takes a token too, but is never refused. After 1 000 refusals, of which ten a second are forgiven, the
 *     connection is closed with code 4429. Ten times the rate of your page stops floods and no user. Clients send at once what
 *     they collected while they were not connected, realtime-js up to 100 messages: set the burst to that number and that of
 *     the channels
 * @param joins the joins of one client, which count for {@link #messages()} as well; no limit by default. A join over either is refused
 *     as a message is. A page that reconnects joins all its topics at once: set the burst to at least that number, 100 for
 *     {@link SessionLimits#maxChannels()} of {@link Limits#openInternet()}
 * @param perId whether the connections of one id on this node share both rates, so that the tabs of a user have one rate together;
 *     false by default. A user that reconnects keeps the tokens that were left. Connections without an id have a rate each.
 *     Sharing takes a lock for each event
 */
public record RateLimits(Optional<Rate> messages, Optional<Rate> joins, boolean perId) {
    /** Checks that no value is null. */
    public RateLimits {
        Objects.requireNonNull(messages, "messages");
        Objects.requireNonNull(joins, "joins");
    }

    /**
     * These limits with another {@link #messages()}.
     *
     * @param rate how often
     * @return new limits
     */
    public RateLimits messages(Rate rate) {
        Objects.requireNonNull(rate, "rate");
        return new RateLimits(Optional.of(rate), joins, perId);
    }

    /**
     * These limits with another {@link #joins()}.
     *
     * @param rate how often
     * @return new limits
     */
    public RateLimits joins(Rate rate) {
        Objects.requireNonNull(rate, "rate");
        return new RateLimits(messages, Optional.of(rate), perId);
    }

    /**
     * These limits with another {@link #perId()}.
     *
     * @param shared whether the connections of one id share the rates
     * @return new limits
     */
    public RateLimits perId(boolean shared) {
        return new RateLimits(messages, joins, shared);
    }
}
