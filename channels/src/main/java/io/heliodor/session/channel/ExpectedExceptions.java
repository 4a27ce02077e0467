package io.heliodor.session.channel;

import io.heliodor.channel.ExceptionHandler;
import io.heliodor.channel.Reply;
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
    Reply.@Nullable Error<?, ?> refusal(Throwable thrown) {
        if (thrown instanceof InvalidPayload invalid) {
            return new Reply.Error<>(new PayloadOutcome.Invalid<>(invalid.field(), invalid.problem()).response());
        }
        if (!(thrown instanceof Exception exception)) {
            return null;
        }
        ExceptionHandler<Exception> handler = mostSpecific(ofChannel, exception);
        if (handler == null) {
            handler = mostSpecific(ofSocket, exception);
        }
        return handler == null ? null : refusal(handler, exception);
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

    @SuppressWarnings("unchecked") // declared for this class or a superclass of it
    private static @Nullable ExceptionHandler<Exception> mostSpecific(
            Map<Class<? extends Exception>, ExceptionHandler<?>> declared, Exception thrown) {
        if (declared.isEmpty()) {
            return null;
        }
        for (Class<?> type = thrown.getClass(); type != null; type = type.getSuperclass()) {
            ExceptionHandler<?> handler = declared.get(type);
            if (handler != null) {
                return (ExceptionHandler<Exception>) handler;
            }
        }
        return null;
    }
}
