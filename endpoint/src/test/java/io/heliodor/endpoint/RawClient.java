package io.heliodor.endpoint;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.transport.frame.ClientDeflate;
import io.heliodor.transport.frame.ClientFrames;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A client on a plain socket: it sends the bytes of a test, valid or not, and reads those of the server. Each wait has
 * a deadline.
 */
public final class RawClient implements AutoCloseable {
    public static final int DEADLINE_MILLIS = 20_000;

    private static final int CLOSE_MILLIS = 500;

    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    private final Socket socket;
    private final InputStream in;
    private boolean compresses;

    /** An answer to a request. */
    public record Response(int status, TreeMap<String, String> headers, String body) {
        public String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    /** A frame of the server; its payload with a character for each byte, and how many bytes came for it. */
    public record Frame(int opcode, String payload, int sent) {
        public boolean compressed() {
            return sent != payload.length();
        }

        public String text() {
            return new String(payload.getBytes(ISO_8859_1), UTF_8);
        }

        @Override
        public String toString() {
            return switch (opcode) {
                case 1 -> text();
                case 2 -> "binary of " + payload.length();
                case 8 -> "close " + (payload.length() < 2 ? 1005 : payload.charAt(0) << 8 | payload.charAt(1));
                case 9 -> "ping " + text();
                case 10 -> "pong " + text();
                default -> "opcode " + opcode;
            };
        }
    }

    private RawClient(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), 1 << 14);
    }

    public static RawClient connect(Endpoint endpoint) {
        return connect(endpoint, 0);
    }

    /** Connects to a port of this machine. */
    public static RawClient connect(int port, int receiveBuffer) {
        try {
            return new RawClient(socket(port, receiveBuffer, ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From another address of this machine, such as 127.0.0.2. */
    static RawClient connectFrom(String address, Endpoint endpoint) {
        try {
            return new RawClient(socket(endpoint.port(), 0, address));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Connects over TLS, and completes the handshake. */
    static RawClient connectTls(Endpoint endpoint, int receiveBuffer, SSLContext context, String... protocols) {
        return connectTls(endpoint.port(), receiveBuffer, context, protocols);
    }

    public static RawClient connectTls(int port, int receiveBuffer, SSLContext context, String... protocols) {
        try {
            SSLSocket socket = (SSLSocket)
                    context.getSocketFactory().createSocket(socket(port, receiveBuffer, ""), "localhost", port, true);
            if (protocols.length > 0) {
                socket.setEnabledProtocols(protocols);
            }
            socket.startHandshake();
            return new RawClient(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** With a receive buffer of this size, if it is not 0. */
    public static RawClient connect(Endpoint endpoint, int receiveBuffer) {
        return connect(endpoint.port(), receiveBuffer);
    }

    private static Socket socket(int port, int receiveBuffer, String from) throws IOException {
        Socket socket = new Socket();
        if (!from.isEmpty()) {
            socket.bind(new InetSocketAddress(from, 0));
        }
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(DEADLINE_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), DEADLINE_MILLIS);
        return socket;
    }

    /** A WebSocket without parameters but the version. */
    public static RawClient open(Endpoint endpoint) {
        return open(endpoint, "");
    }

    /** A WebSocket with these parameters, as {@code &user_id=ann}. */
    public static RawClient open(Endpoint endpoint, String params) {
        return connect(endpoint).upgrade(params);
    }

    public RawClient upgrade(String params) {
        send(upgradeRequest(params));
        return upgraded();
    }

    /** A WebSocket that has negotiated compression. */
    public static RawClient openCompressed(Endpoint endpoint) {
        return connect(endpoint).upgradeCompressed();
    }

    /** Becomes a WebSocket that has negotiated compression. */
    public RawClient upgradeCompressed() {
        send(upgradeRequest("").replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"));
        compresses = true;
        return upgraded();
    }

    /** Reads the response to an upgrade, which must be 101. */
    public RawClient upgraded() {
        Response response = response();
        assertThat(response.status()).as("the answer %s", response).isEqualTo(101);
        assertThat(response.header("sec-websocket-accept")).isEqualTo(ACCEPT);
        assertThat(response.headers().containsKey("sec-websocket-extensions"))
                .as("the answer %s", response)
                .isEqualTo(compresses);
        return this;
    }

    public static String upgradeRequest(String params) {
        return "GET /socket/websocket?vsn=2.0.0" + params + " HTTP/1.1\r\n" + upgradeHeaders() + "\r\n";
    }

    public static String upgradeHeaders() {
        return "Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: " + KEY + "\r\n";
    }

    public static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }

    // Output.

    public RawClient send(String text) {
        return send(text.getBytes(ISO_8859_1));
    }

    public RawClient send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends bytes on a connection that may be closed. */
    public RawClient trySend(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException e) {
            // The server has ended it already.
        }
        return this;
    }

    /** Whether the other side still takes a byte. */
    public boolean canSend() {
        try {
            socket.getOutputStream().write(0);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Sends a text frame. */
    public RawClient sends(String frame) {
        return send(ClientFrames.text(frame));
    }

    public RawClient joins(String topic) {
        sends("[\"1\",\"1\",\"" + topic + "\",\"phx_join\",{}]");
        return receives(ok("1", topic, "{}"));
    }

    public RawClient echoes(String topic, String ref) {
        sends("[\"1\",\"" + ref + "\",\"" + topic + "\",\"echo\",{\"n\":" + ref + "}]");
        return receives(ok(ref, topic, "{\"n\":" + ref + "}"));
    }

    public static String ok(String ref, String topic, String response) {
        return "[\"1\",\"" + ref + "\",\"" + topic + "\",\"phx_reply\",{\"status\":\"ok\",\"response\":" + response
                + "}]";
    }

    public static String refused(String ref, String topic, String reason) {
        return "[\"1\",\"" + ref + "\",\"" + topic
                + "\",\"phx_reply\",{\"status\":\"error\",\"response\":{\"reason\":\"" + reason + "\"}}]";
    }

    // Input.

    public Response response() {
        return response(true);
    }

    /** Reads an answer, with a body or, to a HEAD, without. */
    public Response response(boolean withBody) {
        try {
            String[] statusLine = line().split(" ", 3);
            assertThat(statusLine[0]).startsWith("HTTP/1.");
            TreeMap<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            for (String line = line(); !line.isEmpty(); line = line()) {
                int colon = line.indexOf(':');
                headers.put(line.substring(0, colon), line.substring(colon + 1).trim());
            }
            int status = Integer.parseInt(statusLine[1]);
            boolean empty = !withBody || status == 304 || status == 101;
            int length = empty ? 0 : Integer.parseInt(headers.getOrDefault("content-length", "0"));
            return new Response(status, headers, new String(exactly(length), UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Frame next() {
        try {
            return frame();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Frame frame() throws IOException {
        byte[] two = exactly(2);
        boolean compressed = compresses && (two[0] & 0x40) != 0;
        assertThat(two[0] & 0xf0)
                .as("a whole frame without reserved bits, but for compression")
                .isEqualTo(compressed ? 0xc0 : 0x80);
        assertThat(two[1]).as("the length of a frame that is not masked").isNotNegative();
        int length = switch (two[1]) {
            case 126 -> ByteBuffer.wrap(exactly(2)).getShort() & 0xffff;
            case 127 -> Math.toIntExact(ByteBuffer.wrap(exactly(8)).getLong());
            default -> two[1];
        };
        byte[] payload = exactly(length);
        byte[] message = compressed ? ClientDeflate.inflate(payload) : payload;
        return new Frame(two[0] & 0x0f, new String(message, ISO_8859_1), length);
    }

    /** The next frames must be these. */
    public RawClient receives(String... frames) {
        for (String expected : frames) {
            assertThat(next()).hasToString(expected);
        }
        return this;
    }

    /** Reads on until a close frame with this code, then to the end of the connection. */
    public void isClosedWith(int code) {
        readsUntilClose(code);
        ends();
    }

    /** The same, but the end must be an orderly one: a reset may discard the close frame. */
    public void isClosedInOrderWith(int code) {
        readsUntilClose(code);
        assertThat(restInOrder()).isEmpty();
    }

    private void readsUntilClose(int code) {
        Frame frame = next();
        while (frame.opcode() != 8) {
            frame = next();
        }
        assertThat(frame).hasToString("close " + code);
    }

    /** The connection must end, in any way, without further input. */
    public void ends() {
        assertThat(rest()).as("input before the end").isEmpty();
    }

    /** Reads to the end of the connection. */
    public String rest() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            in.transferTo(all);
        } catch (SocketException e) {
            // A reset is an end as well.
        } catch (IOException e) {
            throw new UncheckedIOException("after " + all, e);
        }
        return all.toString(ISO_8859_1);
    }

    /** Reads to an orderly end of the connection. */
    public String restInOrder() {
        try {
            return new String(in.readAllBytes(), ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether there is something to be read. */
    boolean hasInput() {
        try {
            return in.available() > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the connection ended after '" + line + "'");
            }
            line.append((char) next);
        }
        assertThat(line.toString()).endsWith("\r");
        return line.substring(0, line.length() - 1);
    }

    /** Reads a number of bytes, whatever they are. */
    public RawClient reads(int bytes) {
        try {
            byte[] _ = exactly(bytes);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] exactly(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("the connection ended after " + bytes.length + " of " + length + " bytes");
        }
        return bytes;
    }

    /** The socket below its messages. */
    Socket socket() {
        return socket;
    }

    /** Its own port, which no other client has. */
    public int port() {
        return socket.getLocalPort();
    }

    // The end.

    /** Sends a FIN, and may still read. */
    public RawClient endsOutput() {
        try {
            socket.shutdownOutput();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a FIN if the connection has not ended yet. */
    public RawClient tryEndOutput() {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            // The server has ended it already.
        }
        return this;
    }

    /** Resets the connection. */
    public void resets() {
        try {
            socket.setSoLinger(true, 0);
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
        close();
    }

    @Override
    public void close() {
        try {
            // A TLS connection waits for the close_notify of its peer, which some tests have ended or frozen.
            if (!socket.isClosed()) {
                socket.setSoTimeout(CLOSE_MILLIS);
            }
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void closeAll(List<RawClient> clients) {
        clients.forEach(RawClient::close);
    }
}
