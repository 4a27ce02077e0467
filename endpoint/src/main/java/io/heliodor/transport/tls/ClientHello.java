package io.heliodor.transport.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;

/** The first message of a client (RFC 8446, 4.1.2). */
final class ClientHello {
    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;
    private static final int RECORD_HEADER = 5;
    private static final int MESSAGE_HEADER = 4;
    private static final int VERSION_AND_RANDOM = 34;
    private static final int ALPN = 16;

    private ClientHello() {}

    /** Whether bytes begin with a whole record. */
    static boolean isWhole(ByteBuf in) {
        int bytes = in.readableBytes() - RECORD_HEADER;
        return bytes >= 0 && bytes >= in.getUnsignedShort(in.readerIndex() + 3);
    }

    /**
     * Whether a client offers application protocols (RFC 7301) and not this one. Of two records that share a message, and of
     * other bytes, false: the engine judges them.
     *
     * @param in begins with a whole record, and is not consumed
     */
    static boolean offersOthersThan(String protocol, ByteBuf in) {
        try {
            ByteBuf hello = in.slice();
            if (hello.readUnsignedByte() != HANDSHAKE || hello.getByte(RECORD_HEADER) != CLIENT_HELLO) {
                return false;
            }
            hello.skipBytes(2);
            hello = hello.readSlice(hello.readUnsignedShort());
            hello.skipBytes(MESSAGE_HEADER + VERSION_AND_RANDOM);
            hello.skipBytes(hello.readUnsignedByte()); // the session
            hello.skipBytes(hello.readUnsignedShort()); // the cipher suites
            hello.skipBytes(hello.readUnsignedByte()); // the compression
            ByteBuf extensions = hello.readSlice(hello.readUnsignedShort());
            while (extensions.isReadable()) {
                int type = extensions.readUnsignedShort();
                ByteBuf extension = extensions.readSlice(extensions.readUnsignedShort());
                if (type == ALPN) {
                    return lacks(protocol, extension.readSlice(extension.readUnsignedShort()));
                }
            }
            return false;
        } catch (IndexOutOfBoundsException e) {
            return false;
        }
    }

    private static boolean lacks(String protocol, ByteBuf protocols) {
        while (protocols.isReadable()) {
            if (protocols
                    .readSlice(protocols.readUnsignedByte())
                    .toString(US_ASCII)
                    .equals(protocol)) {
                return false;
            }
        }
        return true;
    }
}
