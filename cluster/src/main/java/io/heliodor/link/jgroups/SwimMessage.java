package io.heliodor.link.jgroups;

import io.heliodor.link.ByteReader;
import io.heliodor.link.ByteWriter;
import io.heliodor.link.DecodeException;
import io.heliodor.link.Peer;
import org.jspecify.annotations.Nullable;

/**
 * The messages by which members probe a silent one, as in SWIM (Das, Gupta, Motivala 2002): a member asks the others to ping
 * it, and these pass its answer on. Without an answer nothing is sent back.
 */
sealed interface SwimMessage {
    /** Asks another member to ping a silent one. */
    record PingReq(Peer silent) implements SwimMessage {}

    /** Asks the silent member for an answer, on behalf of another one. */
    record Ping(Peer asker) implements SwimMessage {}

    /** Answers a ping. */
    record Ack(Peer asker) implements SwimMessage {}

    /** Passes the answer of the silent member on. */
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

    /** Null for bytes that are no message, or one that only later versions have. */
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
