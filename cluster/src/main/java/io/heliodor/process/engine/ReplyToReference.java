package io.heliodor.process.engine;

import io.heliodor.codec.Codec;
import io.heliodor.codec.Decoded;
import io.heliodor.codec.Reference;
import io.heliodor.process.ReplyTo;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** Encodes the {@link ReplyTo} inside messages. */
record ReplyToReference(ProcessNode node) implements Reference<ReplyTo<?>> {
    /** The call whose message is being decoded on this thread. */
    private static final ScopedValue<IncomingCall> READING = ScopedValue.newInstance();

    /** Decodes a message. If it is that of a call, a {@link ReplyTo} inside that names this call answers it. */
    static <T> Decoded<T> decode(Codec<T> codec, byte[] payload, @Nullable IncomingCall call) {
        return call == null
                ? codec.decode(payload)
                : ScopedValue.where(READING, call).call(() -> codec.decode(payload));
    }

    @Override
    @SuppressWarnings({"unchecked", "rawtypes"}) // a class has no type argument
    public Class<ReplyTo<?>> type() {
        return (Class) ReplyTo.class;
    }

    @Override
    public boolean needsArgument() {
        return true;
    }

    @Override
    public String write(ReplyTo<?> value, Type argument) {
        return switch (value) {
            case LocalReplyTo<?> asked -> asked.sent(argument).text();
            case RemoteReplyTo<?> remote -> remote.to().text();
            default ->
                throw new IllegalArgumentException(
                        "Only a ReplyTo that a call gave can go to another node, not one of " + value.getClass() + ".");
        };
    }

    @Override
    public ReplyTo<?> read(String text, Type argument) {
        return remote(ProcessId.of(text), node.codecs().any(argument));
    }

    private <R> ReplyTo<R> remote(ProcessId to, Codec<R> codec) {
        IncomingCall call = READING.isBound() && READING.get().is(to) ? READING.get() : null;
        return new RemoteReplyTo<>(node, to, codec, call);
    }
}
