package io.heliodor.session.channel;

import io.heliodor.pubsub.Correlation;
import io.heliodor.session.telemetry.LogContext;
import io.heliodor.type.text.ControlCharacters;
import java.util.List;
import java.util.function.Supplier;

/**
 * Checks the rights of the channels of one connection again: one after the other, on a virtual thread, and next to their handlers.
 * A request during a check has all of them checked once more after it. Used on the lane's thread, except where stated.
 *
 * @param <S> the type of the connection's assigns
 */
final class RightsCheck<S> {
    /** A channel with rights. On the lane's thread, except where stated. */
    interface Checked {
        ChannelMailbox mailbox();

        String topic();

        /** Whether it has a check of rights. */
        boolean isAuthorized();

        /** Whether it has its right. On the thread of handlers. */
        boolean isAllowed() throws Exception;

        /** It has lost its right. */
        void endUnauthorized();

        /** Its check has failed. */
        void failed(Throwable cause);
    }

    private final ChannelOwner<S> owner;
    private final HandlerLog log;
    private final Supplier<? extends List<? extends Checked>> channels;
    private boolean checking;

    /** Whether the rights may have changed since the present check began. */
    private boolean again;

    /** Checks the channels of a connection, as they are when a check begins. */
    RightsCheck(ChannelOwner<S> owner, HandlerLog log, Supplier<? extends List<? extends Checked>> channels) {
        this.owner = owner;
        this.log = log;
        this.channels = channels;
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
        List<? extends Checked> authorized =
                channels.get().stream().filter(Checked::isAuthorized).toList();
        if (!authorized.isEmpty()) {
            checking = true;
            owner.lane().ready(() -> run(authorized));
        }
    }

    /** On the thread of handlers. */
    private void run(List<? extends Checked> authorized) {
        if (LogContext.isSupported()) {
            LogContext.enter(owner.correlationId());
        }
        Correlation.Trace trace = owner.trace();
        try (Correlation.Scope _ = trace == null ? null : Correlation.traced(trace)) {
            authorized.forEach(this::check);
        } finally {
            LogContext.leave();
            owner.onLane(this::checked);
        }
    }

    private void check(Checked channel) {
        try {
            if (!channel.mailbox().isFinished() && !channel.isAllowed()) {
                owner.onLane(channel::endUnauthorized);
            }
        } catch (Throwable e) {
            log.failed(
                    owner.correlationId(),
                    channel.topic(),
                    e,
                    () -> "The authorization of channel " + ControlCharacters.escaped(channel.topic())
                            + " failed; the client gets phx_error and may join again.");
            owner.onLane(() -> channel.failed(e));
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
