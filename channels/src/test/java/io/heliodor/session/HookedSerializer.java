package io.heliodor.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.wire.FrameOutcome;
import io.heliodor.wire.Payload;
import io.heliodor.wire.Ref;
import io.heliodor.wire.Serializer;
import io.heliodor.wire.V2Serializer;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** Version 2.0.0 of the wire, with code of the test that runs before it reads or writes. */
final class HookedSerializer implements Serializer {
    private final Serializer wire = new V2Serializer();
    private final Consumer<String> beforeReading;
    private final AtomicReference<Runnable> onceBroadcast = new AtomicReference<>();

    HookedSerializer() {
        this(message -> {});
    }

    /** Runs code before each text message is read, with the message. */
    HookedSerializer(Consumer<String> beforeReading) {
        this.beforeReading = beforeReading;
    }

    /** Runs code before the next broadcast is written, on the thread of its publisher. */
    void onceBroadcast(Runnable hook) {
        onceBroadcast.set(hook);
    }

    @Override
    public FrameOutcome decodeText(byte[] message, int from, int to) {
        beforeReading.accept(new String(message, from, to - from, UTF_8));
        return wire.decodeText(message, from, to);
    }

    @Override
    public FrameOutcome decodeBinary(byte[] message, int from, int to) {
        return wire.decodeBinary(message, from, to);
    }

    @Override
    public byte[] reply(Ref joinRef, Ref ref, String topic, String status, Payload response) {
        return wire.reply(joinRef, ref, topic, status, response);
    }

    @Override
    public byte[] push(Ref joinRef, Ref ref, String topic, String event, Payload payload) {
        return wire.push(joinRef, ref, topic, event, payload);
    }

    @Override
    public Envelope envelope(Ref joinRef, Ref ref, String topic, String event) {
        return wire.envelope(joinRef, ref, topic, event);
    }

    @Override
    public byte[] broadcast(Ref ref, String topic, String event, Payload payload) {
        Runnable hook = onceBroadcast.getAndSet(null);
        if (hook != null) {
            hook.run();
        }
        return wire.broadcast(ref, topic, event, payload);
    }
}
