package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.EOFException;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A client, which connects, upgrades, joins its topic and passes messages to the scenario. Only the loop's thread uses it. */
final class Connection implements FrameParser.Sink {
    private enum State {
        CONNECTING,
        UPGRADING,
        JOINING,
        JOINED,
        CLOSED
    }

    /** Enough not to hold a schedule up, little enough for thousands of connections. */
    private static final int MAX_UNSENT = 1 << 20;

    private static final int STALLED_RECEIVE_BUFFER = 4096;
    private static final int NORMAL_CLOSURE = 1000;
    private static final byte[] NOTHING = {};
    private static final byte[] REPLY = "phx_reply".getBytes(US_ASCII);
    private static final byte[] ERROR = "phx_error".getBytes(US_ASCII);
    private static final byte[] CLOSED = "phx_close".getBytes(US_ASCII);
    private static final byte[] PHOENIX = "phoenix".getBytes(US_ASCII);
    private static final byte[] OK = "\"status\":\"ok\"".getBytes(US_ASCII);
    private static final byte[] HEARTBEAT = "[null,\"hb\",\"phoenix\",\"heartbeat\",{}]".getBytes(US_ASCII);

    private final Loop loop;
    private final int index;
    private final boolean stalls;
    private final Deque<ByteBuffer> unsent = new ArrayDeque<>(1);
    private final FrameParser frames = new FrameParser();
    private final SocketChannel channel;
    private final SelectionKey key;

    private State state = State.CONNECTING;
    private byte[] undecoded = NOTHING;
    private int undecodedLength;
    private int unsentBytes;
    private boolean paused;
    private boolean leaving;

    /** Starts to connect; {@code stalls} makes a client that stops reading as soon as it has joined. */
    Connection(Loop loop, int index, boolean stalls, InetSocketAddress to, @Nullable InetAddress from)
            throws IOException {
        this.loop = loop;
        this.index = index;
        this.stalls = stalls;
        channel = SocketChannel.open(
                to.getAddress() instanceof Inet4Address ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6);
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            if (stalls) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, STALLED_RECEIVE_BUFFER);
            }
            if (from != null) {
                channel.bind(new InetSocketAddress(from, 0));
            }
            channel.connect(to);
            key = channel.register(loop.selector(), SelectionKey.OP_CONNECT, this);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    int index() {
        return index;
    }

    boolean stalls() {
        return stalls;
    }

    boolean joined() {
        return state == State.JOINED;
    }

    boolean open() {
        return state != State.CLOSED;
    }

    /** Whether the server reads; if not, a schedule waits. */
    boolean writable() {
        return unsentBytes < MAX_UNSENT;
    }

    void ready() {
        if (state == State.CLOSED) {
            return;
        }
        try {
            if (state == State.CONNECTING) {
                channel.finishConnect();
                state = State.UPGRADING;
                key.interestOps(SelectionKey.OP_READ);
                write(loop.handshake(index).request());
                return;
            }
            int operations = key.readyOps();
            if ((operations & SelectionKey.OP_WRITE) != 0) {
                writeUnsent();
            }
            if ((operations & SelectionKey.OP_READ) != 0) {
                read();
            }
        } catch (IOException e) {
            lost(reason(e));
        }
    }

    private void read() throws IOException {
        ByteBuffer in = loop.incoming();
        in.clear();
        if (undecodedLength > 0) {
            in.put(undecoded, 0, undecodedLength);
        }
        if (channel.read(in) < 0) {
            throw new EOFException();
        }
        loop.stamp();
        in.flip();
        if (state == State.UPGRADING && loop.handshake(index).accepted(in)) {
            upgraded();
        }
        if (state != State.UPGRADING) {
            frames.parse(in, this);
        }
        keep(in);
    }

    private void upgraded() {
        if (loop.scenario().joinsItself()) {
            state = State.JOINED;
            loop.joined(this);
            return;
        }
        state = State.JOINING;
        byte[] join = ("[\"0\",\"0\",\"" + loop.scenario().topic(index) + "\",\"phx_join\",{}]").getBytes(US_ASCII);
        send(join, join.length);
    }

    private void keep(ByteBuffer in) {
        undecodedLength = in.remaining();
        if (undecodedLength > undecoded.length) {
            undecoded = new byte[undecodedLength];
        }
        if (undecodedLength > 0) {
            in.get(undecoded, 0, undecodedLength);
        }
    }

    @Override
    public void message(ByteBuffer bytes, int from, int to) {
        MessageHead head = loop.head();
        if (state == State.CLOSED) {
            return;
        }
        if (!head.read(bytes, from, to)) {
            loop.failures().count("message that is not an array of five");
            return;
        }
        if (state == State.JOINED && loop.scenario().message(this, head, bytes, to, loop.stamped())) {
            return;
        }
        boolean reply = head.eventIs(bytes, REPLY);
        boolean ok = reply && MessageHead.after(bytes, head.payload(), to, OK) >= 0;
        if (state == State.JOINING && reply) {
            joinAnswered(ok, bytes, head.payload(), to);
        } else if (reply && head.topicIs(bytes, PHOENIX)) {
            loop.heartbeatAnswered();
        } else if (head.eventIs(bytes, ERROR)) {
            lost("phx_error");
        } else if (head.eventIs(bytes, CLOSED)) {
            lost("phx_close");
        } else {
            loop.scenario().tally().unknown();
        }
    }

    private void joinAnswered(boolean ok, ByteBuffer bytes, int from, int to) {
        if (!ok) {
            joinRefused(bytes, from, to);
            return;
        }
        state = State.JOINED;
        if (stalls) {
            paused = true;
            interest();
        }
        loop.joined(this);
    }

    /** Ends the connection, with the refusal in its failure. */
    void joinRefused(ByteBuffer bytes, int from, int to) {
        byte[] answer = new byte[Math.min(to - from - 1, 200)];
        bytes.get(from, answer);
        lost("join refused: " + new String(answer, US_ASCII));
    }

    @Override
    public void ping(ByteBuffer bytes, int from, int to) {
        byte[] payload = new byte[to - from];
        bytes.get(from, payload);
        send(FrameWriter.PONG, payload, payload.length);
    }

    @Override
    public void closing(int code) {
        try {
            sendClose(code == FrameParser.NO_CODE ? NORMAL_CLOSURE : code);
        } catch (IOException e) {
            // The server does not wait for our close frame; its code counts as the end of this connection.
        }
        lost("close " + code);
    }

    /** Sends a text message. */
    void send(byte[] message, int length) {
        send(FrameWriter.TEXT, message, length);
    }

    void sendHeartbeat() {
        send(HEARTBEAT, HEARTBEAT.length);
    }

    /** Sends a close frame and reads until the server closes. */
    void finish() {
        if (state != State.JOINED) {
            lost("unfinished");
            return;
        }
        resume();
        try {
            sendClose(NORMAL_CLOSURE);
        } catch (IOException e) {
            lost(reason(e));
        }
    }

    /** Leaves: by a close frame, which the server answers, or abruptly, as a client whose network fails. */
    void leave(boolean abruptly) {
        leaving = true;
        try {
            if (abruptly) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
                lost("left");
            } else {
                sendClose(NORMAL_CLOSURE);
            }
        } catch (IOException e) {
            lost(reason(e));
        }
    }

    /** Whether it has left, so that its end is not a failure. */
    boolean leaving() {
        return leaving;
    }

    private void sendClose(int code) throws IOException {
        write(loop.writer().frame(FrameWriter.CLOSE, new byte[] {(byte) (code >>> 8), (byte) code}, 2));
    }

    private void send(int opcode, byte[] payload, int length) {
        if (state == State.CLOSED) {
            return;
        }
        try {
            write(loop.writer().frame(opcode, payload, length));
        } catch (IOException e) {
            lost(reason(e));
        }
    }

    private void write(ByteBuffer bytes) throws IOException {
        if (unsent.isEmpty()) {
            channel.write(bytes);
        }
        if (bytes.hasRemaining()) {
            unsentBytes += bytes.remaining();
            unsent.add(ByteBuffer.allocate(bytes.remaining()).put(bytes).flip());
            interest();
        }
    }

    private void writeUnsent() throws IOException {
        ByteBuffer bytes;
        while ((bytes = unsent.peek()) != null) {
            unsentBytes -= channel.write(bytes);
            if (bytes.hasRemaining()) {
                return;
            }
            unsent.remove();
        }
        interest();
    }

    /** Resumes a stalled client. */
    void resume() {
        if (state != State.CLOSED) {
            paused = false;
            interest();
        }
    }

    private void interest() {
        key.interestOps((paused ? 0 : SelectionKey.OP_READ) | (unsent.isEmpty() ? 0 : SelectionKey.OP_WRITE));
    }

    private void lost(String reason) {
        if (state == State.CLOSED) {
            return;
        }
        boolean hadJoined = state == State.JOINED;
        close();
        loop.lost(this, reason, hadJoined);
    }

    /** Closes the socket without a close frame. */
    void close() {
        state = State.CLOSED;
        unsent.clear();
        undecoded = NOTHING;
        undecodedLength = 0;
        try {
            channel.close();
        } catch (IOException e) {
            loop.failures().count("close: " + reason(e));
        }
    }

    static String reason(IOException e) {
        if (e instanceof EOFException) {
            return "closed without a close frame";
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
