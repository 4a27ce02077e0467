package io.heliodor.session;

import io.heliodor.pubsub.MessageFormat;
import io.heliodor.wire.Payload;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A broadcast on its way to other nodes: version, kind of the payload, length of the event in bytes, event, payload. Reading
 * it makes slices and copies nothing. Its sender and the value that it was made of do not leave the node.
 */
final class BroadcastFormat implements MessageFormat<Broadcast> {
    private static final int VERSION = 1;
    private static final int JSON = 0;
    private static final int BINARY = 1;

    /** Before the event: a byte each for the version, the kind and the length of the event. */
    private static final int HEAD = 3;

    @Override
    public byte[] write(Broadcast broadcast) {
        byte[] event = broadcast.event().getBytes(StandardCharsets.UTF_8);
        Payload payload = broadcast.payload();
        byte[] message = new byte[HEAD + event.length + payload.length()];
        message[0] = VERSION;
        message[2] = (byte) event.length;
        System.arraycopy(event, 0, message, HEAD, event.length);
        int to = HEAD + event.length;
        switch (payload) {
            case Payload.Json(byte[] bytes, int from, int _) -> {
                message[1] = JSON;
                System.arraycopy(bytes, from, message, to, payload.length());
            }
            case Payload.Binary(byte[] bytes, int from, int _) -> {
                message[1] = BINARY;
                System.arraycopy(bytes, from, message, to, payload.length());
            }
        }
        return message;
    }

    @Override
    public Optional<Broadcast> read(byte[] bytes) {
        if (bytes.length < HEAD || bytes[0] != VERSION) {
            return Optional.empty();
        }
        int from = HEAD + (bytes[2] & 0xff);
        if (from > bytes.length) {
            return Optional.empty();
        }
        Payload payload = switch (bytes[1]) {
            case JSON -> from < bytes.length ? new Payload.Json(bytes, from, bytes.length) : null;
            case BINARY -> new Payload.Binary(bytes, from, bytes.length);
            default -> null;
        };
        String event = new String(bytes, HEAD, from - HEAD, StandardCharsets.UTF_8);
        return payload == null ? Optional.empty() : Optional.of(new Broadcast(event, payload, null, null));
    }
}
