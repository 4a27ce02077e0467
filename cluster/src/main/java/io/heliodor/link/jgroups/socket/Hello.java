package io.heliodor.link.jgroups.socket;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.link.Peer;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * The first message of the connecting end on every connection, before JGroups gets it.
 *
 * @param purpose why the node connects
 * @param versions its versions of the protocol that follows
 * @param cluster the name of its cluster
 * @param from the node
 * @param at where the node is reached
 * @param expected the node that it expects at this address; the dead one with {@code DECLARE_DEAD}
 */
public record Hello(
        Purpose purpose,
        ProtocolVersions versions,
        String cluster,
        Peer from,
        InetSocketAddress at,
        Optional<Peer> expected) {
    private static final String TLS = "it has TLS, as with a cookie or certificates, and this node has neither";

    private static final long MAGIC = 0x484c4452; // HLDR

    static final int MAX_BYTES = 2_048;

    /** Why a node connects. */
    public enum Purpose {
        /** To send packets. */
        LINK(1),
        /** To find out which node is there, and the members of its view. */
        PROBE(2),
        /** To report that a member is dead: its address is this node's now, or no node answers there. */
        DECLARE_DEAD(3),
        /** To send the envelopes of its session. Since version 3. */
        DATA(4);

        private final int number;

        Purpose(int number) {
            this.number = number;
        }

        private static Purpose read(BinaryReader in) throws DecodeException {
            return in.constant(values(), purpose -> purpose.number, "purpose ");
        }
    }

    /** Writes it as one frame. Blocks. */
    public void write(OutputStream out) throws IOException {
        BinaryWriter fields = new BinaryWriter(256)
                .number(MAGIC)
                .put(purpose.number)
                .put(versions.lowest())
                .put(versions.highest())
                .text(cluster)
                .object(from, Peer::write);
        writeAddress(fields, at);
        fields.optional(expected, Peer::write);
        writeFrame(out, fields);
    }

    static Hello read(InputStream in) throws IOException, DecodeException {
        BinaryReader fields = readFrame(in, MAX_BYTES);
        if (fields.number() != MAGIC) {
            throw new DecodeException("no hello");
        }
        return new Hello(
                Purpose.read(fields),
                versions(fields.get(), fields.get()),
                fields.text(),
                Peer.read(fields),
                readAddress(fields),
                fields.optional(Peer::read));
    }

    private static ProtocolVersions versions(int lowest, int highest) throws DecodeException {
        try {
            return new ProtocolVersions(lowest, highest);
        } catch (IllegalArgumentException e) {
            throw new DecodeException("versions " + lowest + " to " + highest);
        }
    }

    static void writeFrame(OutputStream out, BinaryWriter fields) throws IOException {
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

    /** Whether the first bytes are those of a handshake or of an alert of TLS, and not a length. */
    private static boolean isTls(int length) {
        return length == 0x1603 || length == 0x1503;
    }

    static BinaryReader readFrame(InputStream in, int maxBytes) throws IOException, DecodeException {
        DataInputStream from = new DataInputStream(in);
        int length = from.readUnsignedShort();
        if (length > maxBytes) {
            throw new DecodeException(isTls(length) ? TLS : length + " bytes; the maximum is " + maxBytes);
        }
        byte[] content = new byte[length];
        try {
            from.readFully(content);
        } catch (EOFException | SocketException e) {
            // The length was that of something else, such as an alert of TLS.
            throw new DecodeException(isTls(length) ? TLS : "less than " + length + " bytes");
        }
        return new BinaryReader(content);
    }

    static void writeAddress(BinaryWriter out, InetSocketAddress address) {
        out.bytes(address.getAddress().getAddress()).number(address.getPort());
    }

    static InetSocketAddress readAddress(BinaryReader in) throws DecodeException {
        byte[] ip = in.bytes();
        long port = in.number();
        if ((ip.length != 4 && ip.length != 16) || port < 0 || port > 0xffff) {
            throw new DecodeException("no address");
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(ip), (int) port);
        } catch (UnknownHostException e) {
            throw new DecodeException("no address");
        }
    }
}
