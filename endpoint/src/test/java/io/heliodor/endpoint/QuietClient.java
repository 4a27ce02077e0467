package io.heliodor.endpoint;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A client that holds nothing but its socket while it waits, so that tests can measure what the server holds for it. Over TLS
 * it forgets its keys after it has sent and received what the test needs.
 */
final class QuietClient implements AutoCloseable {
    private final SocketChannel channel;

    /** Uses the streams of a client. */
    interface Talk {
        void with(Streams streams) throws IOException;
    }

    /** The streams of a client, with or without TLS. */
    record Streams(InputStream in, OutputStream out) {
        void send(String text) throws IOException {
            out.write(text.getBytes(ISO_8859_1));
            out.flush();
        }

        /** Reads up to a text, and returns all of it. */
        String readTo(String end) throws IOException {
            StringBuilder all = new StringBuilder();
            while (all.length() < end.length() || all.indexOf(end, all.length() - end.length()) < 0) {
                int next = in.read();
                if (next < 0) {
                    throw new EOFException("the connection ended after '" + all + "'");
                }
                all.append((char) next);
            }
            return all.toString();
        }

        /** Sends the request of a WebSocket and reads its answer. */
        void upgrade(String path) throws IOException {
            upgrade(path, "");
        }

        /** With further lines, each with its end. */
        void upgrade(String path, String headers) throws IOException {
            send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + headers + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            assertThat(readTo("\r\n\r\n")).startsWith("HTTP/1.1 101");
        }

        /** Sends a text frame with a mask of zeroes. */
        void frame(String text) throws IOException {
            byte[] payload = text.getBytes(ISO_8859_1);
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            frame.write(0x81);
            if (payload.length < 126) {
                frame.write(0x80 | payload.length);
            } else {
                frame.write(0x80 | 126);
                frame.write(payload.length >> 8);
                frame.write(payload.length);
            }
            frame.writeBytes(new byte[4]);
            frame.writeBytes(payload);
            out.write(frame.toByteArray());
            out.flush();
        }
    }

    private QuietClient(SocketChannel channel) {
        this.channel = channel;
    }

    static QuietClient open(int port, Optional<SSLContext> tls, Talk talk) {
        try {
            SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            channel.socket().setSoTimeout(RawClient.DEADLINE_MILLIS);
            talk.with(streams(channel.socket(), port, tls));
            return new QuietClient(channel);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Streams streams(Socket socket, int port, Optional<SSLContext> tls) throws IOException {
        if (tls.isEmpty()) {
            return new Streams(new BufferedInputStream(socket.getInputStream()), socket.getOutputStream());
        }
        SSLSocket secure = (SSLSocket) tls.get().getSocketFactory().createSocket(socket, "localhost", port, false);
        secure.startHandshake();
        return new Streams(secure.getInputStream(), secure.getOutputStream());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
