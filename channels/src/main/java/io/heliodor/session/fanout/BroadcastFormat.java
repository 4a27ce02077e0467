package io.heliodor.session.fanout;

import io.heliodor.history.CausalStampFormat;
import io.heliodor.pubsub.MessageFormat;
import io.heliodor.wire.Payload;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A broadcast on its way to other nodes: version, kind of the payload and whether there is a stamp, length of the event in bytes, event,
 * length of the stamp in two bytes and stamp, payload. Reading it makes slices of the payload and copies nothing of it. Its
 * sender and the value that it was made of do not leave the node.
 */
public final class BroadcastFormat implements MessageFormat<Broadcast> {
    private static final int VERSION = 1;
    private static final int JSON = 0;
    private static final int BINARY = 1;
    private static final int STAMPED = 2;
    private static final int STAMP_HEAD = 2;
    private static final byte[] NO_STAMP = {};

    /** Before the event: a byte each for the version, the kind and the length of the event. */
    private static final int HEAD = 3;

    @Override
    public byte[] write(Broadcast broadcast) {
        byte[] event = broadcast.event().getBytes(StandardCharsets.UTF_8);
        byte[] stamp = broadcast.stamp() == null ? NO_STAMP : CausalStampFormat.write(broadcast.stamp());
        Payload payload = broadcast.payload();
        int stampHead = stamp.length == 0 ? 0 : STAMP_HEAD;
        int kind = (payload instanceof Payload.Json ? JSON : BINARY) | (stamp.length == 0 ? 0 : STAMPED);
        ByteBuffer message = ByteBuffer.allocate(HEAD + event.length + stampHead + stamp.length + payload.length());
        message.put((byte) VERSION).put((byte) kind).put((byte) event.length).put(event);
        if (stamp.length > 0) {
            message.putShort((short) stamp.length).put(stamp);
        }
        return message.put(payload.bytes(), payload.from(), payload.length()).array();
    }

    @Override
    public Optional<Broadcast> read(byte[] bytes) {
        if (bytes.length < HEAD || bytes[0] != VERSION || bytes[1] < 0 || bytes[1] > (BINARY | STAMPED)) {
            return Optional.empty();
        }
        int from = HEAD + (bytes[2] & 0xff);
        if (from > bytes.length) {
            return Optional.empty();
        }
        String event = new String(bytes, HEAD, from - HEAD, StandardCharsets.UTF_8);
        boolean json = (bytes[1] & BINARY) == 0;
        if ((bytes[1] & STAMPED) == 0) {
            return payload(bytes, from, json).map(payload -> new Broadcast(event, payload, null, null));
        }
        int stampFrom = from + STAMP_HEAD;
        if (stampFrom > bytes.length) {
            return Optional.empty();
        }
        int stampTo = stampFrom + (((bytes[from] & 0xff) << 8) | (bytes[from + 1] & 0xff));
        if (stampTo > bytes.length) {
            return Optional.empty();
        }
        return CausalStampFormat.read(bytes, stampFrom, stampTo)
                .flatMap(stamp -> payload(bytes, stampTo, json)
                        .map(payload -> new Broadcast(event, payload, null, null).with(stamp)));
    }

    private static Optional<Payload> payload(byte[] bytes, int from, boolean json) {
        if (!json) {
            return Optional.of(new Payload.Binary(bytes, from, bytes.length));
        }
        return from < bytes.length ? Optional.of(new Payload.Json(bytes, from, bytes.length)) : Optional.empty();
    }
}
