package io.heliodor.session.channel;

import io.heliodor.channel.ExceptionHandler;
import io.heliodor.channel.Reply;
import io.heliodor.channel.definition.ChannelDefinition;
import io.heliodor.event.InvalidPayload;
import io.heliodor.wire.PayloadOutcome;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The exceptions of handlers that are refusals: {@link InvalidPayload}, those that a channel declares, and those that its
 * socket declares. Any thread may use it.
 */
final class ExpectedExceptions {
    private final Map<Class<? extends Exception>, ExceptionHandler<?>> ofChannel;
    private final Map<Class<? extends Exception>, ExceptionHandler<?>> ofSocket;

    ExpectedExceptions(
            Map<Class<? extends Exception>, ExceptionHandler<?>> ofChannel,
            Map<Class<? extends Exception>, ExceptionHandler<?>> ofSocket) {
        this.ofChannel = ofChannel;
        this.ofSocket = ofSocket;
    }

    /** The refusal for an exception; null if it is unexpected. If a declared handler throws, that is suppressed in it. */
    @SuppressWarnings("unchecked") // declared for its class or a superclass of it
    Reply.@Nullable Error<?, ?> refusal(Throwable thrown) {
        if (thrown instanceof InvalidPayload invalid) {
            return new Reply.Error<>(new PayloadOutcome.Invalid<>(invalid.field(), invalid.problem()).response());
        }
        if (!(thrown instanceof Exception exception)) {
            return null;
        }
        ExceptionHandler<?> handler = ChannelDefinition.closest(ofChannel, exception);
        if (handler == null) {
            handler = ChannelDefinition.closest(ofSocket, exception);
        }
        return handler == null ? null : refusal((ExceptionHandler<Exception>) handler, exception);
    }

    private static Reply.@Nullable Error<?, ?> refusal(ExceptionHandler<Exception> handler, Exception thrown) {
        try {
            Reply.Error<?, ?> refusal = handler.handle(thrown);
            if (refusal != null) {
                return refusal;
            }
            thrown.addSuppressed(new IllegalStateException("The onException handler of "
                    + thrown.getClass().getName() + " returned null; return Reply.error."));
        } catch (Throwable e) {
            if (!e.equals(thrown)) {
                thrown.addSuppressed(e);
            }
        }
        return null;
    }
}
