package io.heliodor.session.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.pubsub.MessageFormat;
import io.heliodor.wire.Payload;
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
        int size = HEAD + 3 * Integer.BYTES + node.length + id.length + event.length + payload.length();
        return new BinaryWriter(size)
                .put(VERSION)
                .put(payload instanceof Payload.Json ? JSON : BINARY)
                .put(push.origin().endpoint())
                .int64(push.origin().push())
                .int32Bytes(node)
                .int32Bytes(id)
                .int32Bytes(event)
                .append(payload.bytes(), payload.from(), payload.length())
                .toBytes();
    }

    @Override
    public Optional<IdPush> read(byte[] bytes) {
        return BinaryReader.decode(bytes, in -> {
            in.version(VERSION);
            int kind = in.get();
            int endpoint = in.get();
            long number = in.int64();
            IdPush.Origin origin = new IdPush.Origin(in.int32Text(), endpoint, number);
            return IdPush.received(origin, in.int32Text(), in.int32Text(), payload(kind, bytes, in));
        });
    }

    private static Payload payload(int kind, byte[] bytes, BinaryReader in) throws DecodeException {
        if (kind == BINARY) {
            return new Payload.Binary(bytes, in.position(), bytes.length);
        }
        if (kind != JSON || !in.more()) {
            throw new DecodeException("a payload of kind " + kind + " in " + in.left() + " bytes");
        }
        return new Payload.Json(bytes, in.position(), bytes.length);
    }
}
