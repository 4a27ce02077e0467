package io.heliodor.interop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.ThreadLocalRandom;

/** One WebSocket on the playground server, with as little of its own as possible: there are ten thousand of them. */
public final class PlainSocket implements AutoCloseable {
    private static final int CONNECT_MILLIS = 20_000;

    private final Socket socket = new Socket();
    private final DataInputStream in;

    /** With a character for each byte of the payload. */
    record Frame(int opcode, String payload) {
        /** Of a close frame. */
        int code() {
            return payload.length() < 2 ? 1005 : (payload.charAt(0) << 8) | payload.charAt(1);
        }
    }

    public PlainSocket(int port) throws IOException {
        try {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
            in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 4_096));
            upgrade(port);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private void upgrade(int port) throws IOException {
        socket.getOutputStream()
                .write(("GET /socket/websocket?vsn=2.0.0 HTTP/1.1\r\nHost: 127.0.0.1:" + port
                                + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                        .getBytes(UTF_8));
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        if (!head.toString().startsWith("HTTP/1.1 101")) {
            throw new IOException(head.toString());
        }
    }

    /** Joins by the ref 1, which must be the first message. */
    public void joins(String topic, String payload) throws IOException {
        sends("[\"1\",\"1\",\"" + topic + "\",\"phx_join\"," + payload + "]");
        String reply = next().payload();
        if (!reply.contains("\"status\":\"ok\"")) {
            throw new IOException(reply);
        }
    }

    /** Sends a text of at most 65 535 bytes. */
    public void sends(String text) throws IOException {
        byte[] payload = text.getBytes(UTF_8);
        boolean small = payload.length < 126;
        int start = small ? 6 : 8;
        byte[] frame = new byte[start + payload.length];
        frame[0] = (byte) 0x81;
        frame[1] = (byte) (0x80 | (small ? payload.length : 126));
        if (!small) {
            frame[2] = (byte) (payload.length >> 8);
            frame[3] = (byte) payload.length;
        }
        byte[] mask = new byte[4];
        ThreadLocalRandom.current().nextBytes(mask);
        System.arraycopy(mask, 0, frame, start - 4, 4);
        for (int i = 0; i < payload.length; i++) {
            frame[start + i] = (byte) (payload[i] ^ mask[i & 3]);
        }
        socket.getOutputStream().write(frame);
    }

    Frame next() throws IOException {
        int opcode = in.readUnsignedByte() & 15;
        int length = in.readUnsignedByte();
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = Math.toIntExact(in.readLong());
        }
        byte[] payload = new byte[length];
        in.readFully(payload);
        return new Frame(opcode, new String(payload, ISO_8859_1));
    }

    /** Reads until a text has a part. */
    public void receives(String part) throws IOException {
        Frame frame;
        do {
            frame = next();
            if (frame.opcode() == 8) {
                throw new IOException("closed with " + frame.code() + " instead of " + part);
            }
        } while (!frame.payload().contains(part));
    }

    /** Resets the connection, without a close frame. */
    void resets() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // It has ended already.
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
