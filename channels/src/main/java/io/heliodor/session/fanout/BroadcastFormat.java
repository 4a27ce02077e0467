package io.heliodor.session.fanout;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.history.CausalStamp;
import io.heliodor.history.CausalStampFormat;
import io.heliodor.pubsub.MessageFormat;
import io.heliodor.wire.Payload;
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

    /** Before the event: a byte each for the version, the kind and the length of the event. */
    private static final int HEAD = 3;

    @Override
    public byte[] write(Broadcast broadcast) {
        byte[] event = broadcast.event().getBytes(StandardCharsets.UTF_8);
        Payload payload = broadcast.payload();
        CausalStamp stamp = broadcast.stamp();
        int stampBytes = stamp == null ? 0 : CausalStampFormat.size(stamp);
        int stampHead = stamp == null ? 0 : STAMP_HEAD;
        int kind = (payload instanceof Payload.Json ? JSON : BINARY) | (stamp == null ? 0 : STAMPED);
        BinaryWriter message = new BinaryWriter(HEAD + event.length + stampHead + stampBytes + payload.length());
        message.put(VERSION).put(kind).put(event.length).append(event);
        if (stamp != null) {
            message.int16(stampBytes).object(stamp, CausalStampFormat::write);
        }
        return message.append(payload.bytes(), payload.from(), payload.length()).toBytes();
    }

    @Override
    public Optional<Broadcast> read(byte[] bytes) {
        try {
            return Optional.of(read(bytes, new BinaryReader(bytes)));
        } catch (DecodeException e) {
            return Optional.empty();
        }
    }

    private static Broadcast read(byte[] bytes, BinaryReader in) throws DecodeException {
        in.version(VERSION);
        int kind = in.get();
        if (kind > (BINARY | STAMPED)) {
            throw new DecodeException("a payload of kind " + kind);
        }
        String event = in.text(in.get());
        CausalStamp stamp = (kind & STAMPED) == 0 ? null : CausalStampFormat.read(in.part(in.int16()));
        return new Broadcast(event, payload(kind, bytes, in), null, null, stamp, null);
    }

    private static Payload payload(int kind, byte[] bytes, BinaryReader in) throws DecodeException {
        if ((kind & BINARY) != 0) {
            return new Payload.Binary(bytes, in.position(), bytes.length);
        }
        if (!in.more()) {
            throw new DecodeException("an empty payload of JSON");
        }
        return new Payload.Json(bytes, in.position(), bytes.length);
    }
}
