package io.heliodor.link.jgroups;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
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
        return new BinaryWriter(64).put(kind).object(peer, Peer::write).toBytes();
    }

    /** Reads a message; null for bytes that are not a message of this version. */
    static @Nullable SwimMessage of(byte[] bytes, int offset, int length) {
        BinaryReader in = new BinaryReader(bytes, offset, offset + length);
        try {
            return switch (in.get()) {
                case 1 -> new PingReq(Peer.read(in));
                case 2 -> new Ping(Peer.read(in));
                case 3 -> new Ack(Peer.read(in));
                case 4 -> new IndirectAck(Peer.read(in));
                default -> null;
            };
        } catch (DecodeException e) {
            return null;
        }
    }
}
