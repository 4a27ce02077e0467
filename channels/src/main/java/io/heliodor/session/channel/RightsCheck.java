package io.heliodor.session.channel;

import io.heliodor.pubsub.Correlation;
import io.heliodor.session.telemetry.LogContext;
import io.heliodor.type.text.ControlCharacters;
import java.util.List;

/**
 * Checks the rights of the channels of one connection again: one after the other, on a virtual thread, and next to their handlers.
 * A request during a check has all of them checked once more after it. Used on the lane's thread, except where stated.
 *
 * @param <S> the type of the connection's assigns
 */
final class RightsCheck<S> {
    private final ChannelTable<S> table;
    private boolean checking;

    /** Whether the rights may have changed since the present check began. */
    private boolean again;

    RightsCheck(ChannelTable<S> table) {
        this.table = table;
    }

    boolean isChecking() {
        return checking;
    }

    /** Checks all channels that are joined or joining. A join that is requested later is checked by its own handler. */
    void check() {
        if (checking) {
            again = true;
            return;
        }
        List<WireChannel<S, ?>> channels =
                table.channels().stream().filter(WireChannel::isAuthorized).toList();
        if (!channels.isEmpty()) {
            checking = true;
            table.owner().lane().ready(() -> run(channels));
        }
    }

    /** On the thread of handlers. */
    private void run(List<WireChannel<S, ?>> channels) {
        ChannelOwner<S> owner = table.owner();
        if (LogContext.isSupported()) {
            LogContext.enter(owner.correlationId());
        }
        Correlation.Trace trace = owner.trace();
        try (Correlation.Scope _ = trace == null ? null : Correlation.traced(trace)) {
            channels.forEach(this::check);
        } finally {
            LogContext.leave();
            owner.onLane(this::checked);
        }
    }

    private void check(WireChannel<S, ?> channel) {
        ChannelOwner<S> owner = table.owner();
        try {
            if (!channel.mailbox().isFinished() && !channel.isAllowed()) {
                owner.onLane(() -> table.endUnauthorized(channel));
            }
        } catch (Throwable e) {
            table.services()
                    .handlerLog()
                    .failed(
                            owner.correlationId(),
                            channel.topic(),
                            e,
                            () -> "The authorization of channel " + ControlCharacters.escaped(channel.topic())
                                    + " failed; the client gets phx_error and may join again.");
            owner.onLane(() -> {
                boolean _ = table.fail(channel, e, false);
            });
        }
    }

    private void checked() {
        checking = false;
        if (again) {
            again = false;
            check();
        }
    }
}
