package io.heliodor.link.jgroups;

import io.heliodor.link.ByteReader;
import io.heliodor.link.ByteWriter;
import io.heliodor.link.DecodeException;
import io.heliodor.link.Peer;
import org.jspecify.annotations.Nullable;

/**
 * The messages of indirect probing, as in SWIM (Das, Gupta, Motivala 2002): a member requests pings of a silent one
 * from the others, which pass its answer on. Without an answer they send nothing.
 */
sealed interface SwimMessage {
    /** Requests a ping of a silent member. */
    record PingReq(Peer silent) implements SwimMessage {}

    /** Pings the silent member, on behalf of the one that requested it. */
    record Ping(Peer asker) implements SwimMessage {}

    /** Answers a {@link Ping}. */
    record Ack(Peer asker) implements SwimMessage {}

    /** Passes the {@link Ack} of the silent member on. */
    record IndirectAck(Peer silent) implements SwimMessage {}

    default byte[] toBytes() {
        return switch (this) {
            case PingReq(Peer silent) -> bytes(1, silent);
            case Ping(Peer asker) -> bytes(2, asker);
            case Ack(Peer asker) -> bytes(3, asker);
            case IndirectAck(Peer silent) -> bytes(4, silent);
        };
    }

    private static byte[] bytes(int kind, Peer peer) {
        return new ByteWriter(64).put(kind).peer(peer).toBytes();
    }

    /** Reads a message; null for bytes that are not a message of this version. */
    static @Nullable SwimMessage of(byte[] bytes, int offset, int length) {
        ByteReader in = new ByteReader(bytes, offset, offset + length);
        try {
            return switch (in.get()) {
                case 1 -> new PingReq(in.peer());
                case 2 -> new Ping(in.peer());
                case 3 -> new Ack(in.peer());
                case 4 -> new IndirectAck(in.peer());
                default -> null;
            };
        } catch (DecodeException e) {
            return null;
        }
    }
}
