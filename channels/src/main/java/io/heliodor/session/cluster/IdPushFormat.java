package io.heliodor.session.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.pubsub.MessageFormat;
import io.heliodor.wire.Payload;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The format of pushes between nodes: version, kind of the payload, number of the endpoint (a byte each), number of the push (long);
 * node, id and event, each with its length in bytes (int) before it; payload. Reading it copies nothing of the payload.
 */
final class IdPushFormat implements MessageFormat<IdPush> {
    static final IdPushFormat FORMAT = new IdPushFormat();

    private static final int VERSION = 1;
    private static final int JSON = 0;
    private static final int BINARY = 1;
    private static final int HEAD = 3 + Long.BYTES;

    private IdPushFormat() {}

    @Override
    public byte[] write(IdPush push) {
        byte[] node = push.origin().node().getBytes(UTF_8);
        byte[] id = push.id().getBytes(UTF_8);
        byte[] event = push.event().getBytes(UTF_8);
        Payload payload = push.payload();
        ByteBuffer out = ByteBuffer.allocate(
                HEAD + 3 * Integer.BYTES + node.length + id.length + event.length + payload.length());
        out.put((byte) VERSION).put((byte) (payload instanceof Payload.Json ? JSON : BINARY));
        out.put((byte) push.origin().endpoint()).putLong(push.origin().push());
        for (byte[] text : new byte[][] {node, id, event}) {
            out.putInt(text.length).put(text);
        }
        return out.put(payload.bytes(), payload.from(), payload.length()).array();
    }

    @Override
    public Optional<IdPush> read(byte[] bytes) {
        if (bytes.length < HEAD || bytes[0] != VERSION || (bytes[1] != JSON && bytes[1] != BINARY)) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, 2, bytes.length - 2);
        int endpoint = in.get() & 0xff;
        long number = in.getLong();
        Optional<String> node = text(in);
        Optional<String> id = node.flatMap(_ -> text(in));
        Optional<String> event = id.flatMap(_ -> text(in));
        boolean json = bytes[1] == JSON;
        if (event.isEmpty() || (json && !in.hasRemaining())) {
            return Optional.empty();
        }
        Payload payload = json
                ? new Payload.Json(bytes, in.position(), bytes.length)
                : new Payload.Binary(bytes, in.position(), bytes.length);
        return Optional.of(
                IdPush.received(new IdPush.Origin(node.get(), endpoint, number), id.get(), event.get(), payload));
    }

    private static Optional<String> text(ByteBuffer in) {
        if (in.remaining() < Integer.BYTES) {
            return Optional.empty();
        }
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            return Optional.empty();
        }
        byte[] text = new byte[length];
        in.get(text);
        return Optional.of(new String(text, UTF_8));
    }
}
