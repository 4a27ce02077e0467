package io.heliodor.link;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A packet between the two ends of a session; a batch without its envelopes, and a part without its bytes. Its encoding:
 * kind, incarnation of the sender, incarnation of the receiver, session, and the other fields of each kind.
 */
sealed interface Packet {
    /** The number of the session, drawn by the end that sends in it. */
    long session();

    /** Opens a session, or requests the confirmation of {@code sent} batches in it. */
    record Open(long session, long sent) implements Packet {}

    /** Accepts a session by a number of the receiver's own, and confirms {@code received} batches. */
    record Accept(long session, long acceptance, long received) implements Packet {}

    /** Reports that the receiver does not have this session, or not all of its batches. */
    record Reset(long session) implements Packet {}

    /** The batch with this number, counted from 0. Its envelopes follow, each after its length. */
    record Batch(long session, long acceptance, long number) implements Packet {}

    /**
     * A part of an envelope that is too large for a batch. It has a number like a batch, its bytes follow, and
     * {@code left} bytes of the envelope come in the next parts. Since version 2 of the connection.
     */
    record Part(long session, long acceptance, long number, long left) implements Packet {}

    /**
     * Asks the receiver whether nothing comes by the short way of the sender. A release that does not know it ignores it.
     *
     * @param question its number
     */
    record Ask(long session, long question) implements Packet {}

    /** Answers that nothing comes, and that {@code received} batches have come in all. */
    record Silence(long session, long question, long received) implements Packet {}

    /** Reads a packet without what follows a batch or a part. Empty for another incarnation or an unknown kind. */
    static Optional<Packet> read(BinaryReader in, Peer from, Peer self) throws DecodeException {
        int kind = in.get();
        if (in.number() != from.incarnation() || in.number() != self.incarnation()) {
            return Optional.empty();
        }
        long session = in.number();
        return switch (kind) {
            case 1 -> Optional.of(new Open(session, in.number()));
            case 2 -> Optional.of(new Accept(session, in.number(), in.number()));
            case 3 -> Optional.of(new Reset(session));
            case 4 -> Optional.of(new Batch(session, in.number(), in.number()));
            case 5 -> Optional.of(new Part(session, in.number(), in.number(), in.number()));
            case 6 -> Optional.of(new Ask(session, in.number()));
            case 7 -> Optional.of(new Silence(session, in.number(), in.number()));
            default -> Optional.empty();
        };
    }

    /** Reads all envelopes of a batch, because a malformed batch must not be delivered in part. */
    static List<byte[]> envelopes(BinaryReader in) throws DecodeException {
        List<byte[]> envelopes = new ArrayList<>(Math.min(256, 1 + in.left() / 64));
        while (in.more()) {
            envelopes.add(in.bytes());
        }
        return envelopes;
    }

    /** Encodes the packet; a batch without its envelopes, and a part without its bytes. */
    default byte[] toBytes(Peer from, Peer to) {
        int kind = switch (this) {
            case Open _ -> 1;
            case Accept _ -> 2;
            case Reset _ -> 3;
            case Batch _ -> 4;
            case Part _ -> 5;
            case Ask _ -> 6;
            case Silence _ -> 7;
        };
        BinaryWriter out = new BinaryWriter(48)
                .put(kind)
                .number(from.incarnation())
                .number(to.incarnation())
                .number(session());
        switch (this) {
            case Open open -> out.number(open.sent());
            case Accept accept -> out.number(accept.acceptance()).number(accept.received());
            case Reset _ -> {}
            case Batch batch -> out.number(batch.acceptance()).number(batch.number());
            case Ask ask -> out.number(ask.question());
            case Silence silence -> out.number(silence.question()).number(silence.received());
            case Part part ->
                out.number(part.acceptance()).number(part.number()).number(part.left());
        }
        return out.toBytes();
    }

    /** Encodes a batch with its envelopes, in an array of the exact size. */
    static byte[] join(Batch batch, Peer from, Peer to, List<byte[]> envelopes) {
        byte[] head = batch.toBytes(from, to);
        int size = head.length;
        for (byte[] envelope : envelopes) {
            size += BinaryWriter.width(envelope.length) + envelope.length;
        }
        BinaryWriter packet = new BinaryWriter(size).append(head);
        envelopes.forEach(packet::bytes);
        return packet.toBytes();
    }

    /** Encodes a part with its bytes, in an array of the exact size. */
    static byte[] join(Part part, Peer from, Peer to, Fragment fragment) {
        byte[] head = part.toBytes(from, to);
        byte[] packet = Arrays.copyOf(head, head.length + fragment.length());
        fragment.bytes().get(fragment.bytes().position(), packet, head.length, fragment.length());
        return packet;
    }
}
