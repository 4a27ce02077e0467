package io.heliodor.session.channel;

import io.heliodor.event.InvalidPayload;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.type.text.ControlCharacters;
import java.util.function.Supplier;

/** The lines about failures in one channel. Made when one is due, so that no idle channel holds it. Any thread may use it. */
record ChannelLog(ChannelOwner<?> owner, ChannelServices services, ChannelMailbox mailbox, String topic) {
    /** A handler failed, and the channel ends for that. */
    void failed(Supplier<String> handler, Throwable cause) {
        line(
                cause,
                () -> "Channel " + escapedTopic() + " failed in " + handler.get()
                        + "; the client gets phx_error and may join again.");
    }

    /** A handler failed in a channel that is ending for another reason. Logged unless its end has interrupted the handler. */
    void failedAtEnd(String handler, Throwable cause) {
        // The causes of an exception are user code, too.
        services.handlerLog().failures().guard("Channel " + escapedTopic(), cause, () -> {
            if (!mailbox.isInterrupted() || !Interrupts.caused(cause)) {
                line(
                        cause,
                        () -> "Channel " + escapedTopic() + " failed in " + handler + " when it was ending already.");
            }
        });
    }

    /** A join handler failed. */
    void joinFailed(Throwable cause) {
        line(cause, () -> "Join of " + escapedTopic() + " failed; the client is refused with 'join crashed'.");
    }

    /** A leave hook failed. */
    void leaveFailed(Throwable cause) {
        line(cause, () -> "The leave hook of " + escapedTopic() + " failed.");
    }

    /** A task for the end of the channel failed. */
    void cleanupFailed(Throwable cause) {
        line(cause, () -> "A cleanup task of channel " + escapedTopic() + " failed.");
    }

    private void line(Throwable cause, Supplier<String> failure) {
        services.handlerLog().failed(owner.correlationId(), topic, cause, failure);
    }

    /** A handler threw an exception that is a refusal; {@code quiet}: its client gets the refusal. */
    void expected(String handler, Exception thrown, boolean quiet) {
        services.counters()
                .increment(thrown instanceof InvalidPayload ? Counter.PAYLOADS_INVALID : Counter.EXCEPTIONS_EXPECTED);
        HandlerLog log = services.handlerLog();
        log.failures().guard("Channel " + escapedTopic(), thrown, () -> {
            if (quiet || mailbox.reason() != null) {
                log.refused(owner.correlationId(), topic, handler, thrown);
            } else {
                log.expected(owner.correlationId(), topic, handler, thrown);
            }
        });
    }

    private String escapedTopic() {
        return ControlCharacters.escaped(topic);
    }
}
