package io.heliodor.link.jgroups;

import io.heliodor.link.ByteReader;
import io.heliodor.link.ByteWriter;
import io.heliodor.link.DecodeException;
import io.heliodor.link.Peer;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * What who connects says first, on every connection, before JGroups sees it.
 *
 * @param purpose why it connects
 * @param versions the versions that it has of the protocol that follows
 * @param cluster the name of its cluster
 * @param from who it is
 * @param at where it is reached itself
 * @param expected whom it believes to reach; or who is dead, if that is the purpose
 */
record Hello(
        Purpose purpose,
        ProtocolVersions versions,
        String cluster,
        Peer from,
        InetSocketAddress at,
        Optional<Peer> expected) {
    private static final long MAGIC = 0x484c4452; // HLDR
    static final int LIMIT = 2_048;

    /** Why somebody connects. */
    enum Purpose {
        /** To carry packets. */
        LINK(1),
        /** To learn who is there. */
        PROBE(2),
        /** To tell that a member is dead: who tells it listens at its address, or found nobody there. */
        DECLARE_DEAD(3);

        final int number;

        Purpose(int number) {
            this.number = number;
        }

        static Purpose of(int number) throws DecodeException {
            for (Purpose purpose : values()) {
                if (purpose.number == number) {
                    return purpose;
                }
            }
            throw new DecodeException("purpose " + number);
        }
    }

    void write(OutputStream out) throws IOException {
        ByteWriter fields = new ByteWriter(256)
                .number(MAGIC)
                .put(purpose.number)
                .put(versions.lowest())
                .put(versions.highest())
                .text(cluster)
                .peer(from);
        address(fields, at);
        fields.bool(expected.isPresent());
        expected.ifPresent(fields::peer);
        frame(out, fields);
    }

    static Hello read(InputStream in) throws IOException, DecodeException {
        ByteReader fields = unframe(in, LIMIT);
        if (fields.number() != MAGIC) {
            throw new DecodeException("no hello");
        }
        return new Hello(
                Purpose.of(fields.get()),
                versions(fields.get(), fields.get()),
                fields.text(),
                fields.peer(),
                address(fields),
                fields.bool() ? Optional.of(fields.peer()) : Optional.empty());
    }

    private static ProtocolVersions versions(int lowest, int highest) throws DecodeException {
        try {
            return new ProtocolVersions(lowest, highest);
        } catch (IllegalArgumentException e) {
            throw new DecodeException("versions " + lowest + " to " + highest);
        }
    }

    static void frame(OutputStream out, ByteWriter fields) throws IOException {
        byte[] content = fields.toBytes();
        if (content.length > 0xffff) {
            throw new IOException("A hello of " + content.length + " bytes.");
        }
        byte[] frame = new byte[content.length + 2];
        frame[0] = (byte) (content.length >> 8);
        frame[1] = (byte) content.length;
        System.arraycopy(content, 0, frame, 2, content.length);
        out.write(frame);
        out.flush();
    }

    static ByteReader unframe(InputStream in, int limit) throws IOException, DecodeException {
        DataInputStream from = new DataInputStream(in);
        int length = from.readUnsignedShort();
        if (length > limit) {
            throw new DecodeException(length + " bytes, where " + limit + " are the most");
        }
        byte[] content = new byte[length];
        from.readFully(content);
        return new ByteReader(content);
    }

    static void address(ByteWriter out, InetSocketAddress address) {
        out.bytes(address.getAddress().getAddress()).number(address.getPort());
    }

    static InetSocketAddress address(ByteReader in) throws DecodeException {
        byte[] ip = in.bytes();
        long port = in.number();
        if ((ip.length != 4 && ip.length != 16) || port < 0 || port > 0xffff) {
            throw new DecodeException("no address");
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(ip), (int) port);
        } catch (java.net.UnknownHostException e) {
            throw new DecodeException("no address");
        }
    }
}
