package io.heliodor.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.session.lane.Connection;
import io.heliodor.session.lane.Loop;
import io.heliodor.wire.Slice;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A client and its connection. Frames are written with {@code '} in place of {@code "}.
 *
 * <p>Its socket takes everything that is flushed, until {@link #stopsTaking}.
 */
final class Client implements Connection {
    private final java.io.ByteArrayOutputStream pieces = new java.io.ByteArrayOutputStream();

    @Override
    public void write(List<Slice> piece, boolean first, boolean last) {
        piece.forEach(slice -> pieces.write(slice.bytes(), slice.from(), slice.length()));
        if (last) {
            write(pieces.toByteArray());
            pieces.reset();
        }
    }

    /** The number of waiting bytes from which the socket is not writable. */
    static final int HIGH_WATER = 64 << 10;

    private final TestServer server;
    private final TestLoop loop;
    private Session<?> session;

    private final Queue<String> inbox = new ConcurrentLinkedQueue<>();
    private volatile int closeCode;
    private volatile boolean reading = true;
    private boolean careless;

    // On the loop.
    private final ArrayDeque<Loop.Shared> appended = new ArrayDeque<>();
    private final ArrayDeque<Loop.Shared> flushed = new ArrayDeque<>();
    private final Queue<byte[]> held = new ArrayDeque<>();
    private boolean taking = true;
    private boolean gone;
    private boolean inputEnded;
    private volatile boolean finished;
    private long pending;
    private long takenBytes;
    private final AtomicInteger taken = new AtomicInteger();
    private int flushes;
    private final AtomicInteger checks = new AtomicInteger();
    private final List<Integer> buffers = new ArrayList<>();
    private Throwable writeFault;
    private Throwable sharedFault;
    private Throwable pendingFault;
    private Throwable closeFault;

    TestServer server() {
        return server;
    }

    Client(TestServer server, TestLoop loop) {
        this.server = server;
        this.loop = loop;
    }

    void open(Session<?> opened) {
        session = opened;
        loop.perform(opened::open);
    }

    // What the test does as the client.

    /** Sends text messages. */
    void sends(String... frames) {
        loop.perform(() -> {
            for (String frame : frames) {
                arrives(frame.replace('\'', '"').getBytes(UTF_8));
            }
        });
    }

    /** Sends a text message as it is. */
    void sends(byte[] bytes) {
        loop.perform(() -> arrives(bytes));
    }

    private void arrives(byte[] message) {
        if (inputEnded || closed()) {
            return;
        }
        receive(message);
    }

    private void receive(byte[] message) {
        if (reading) {
            session.text(message, 0, message.length);
        } else {
            held.add(message);
        }
    }

    /** Sends a binary message. */
    void sendsBinary(byte[] message) {
        loop.perform(() -> session.binary(message, 0, message.length));
    }

    /** Sends a ping and returns whether it is answered. */
    boolean pings() {
        var answered = new boolean[1];
        loop.perform(() -> answered[0] = session.ping());
        return answered[0];
    }

    void pongs() {
        loop.perform(session::pong);
    }

    /** Joins a topic and awaits the reply. */
    void joins(String joinRef, String topic) {
        sends("['%s','%s','%s','phx_join',{}]".formatted(joinRef, joinRef, topic));
        receives("['%s','%s','%s','phx_reply',{'status':'ok','response':{}}]".formatted(joinRef, joinRef, topic));
    }

    /** Joins a topic that it has joined, and awaits the close of the old channel and the reply. */
    void joinsAgain(String joinRef, String topic, String old) {
        sends("['%s','%s','%s','phx_join',{}]".formatted(joinRef, joinRef, topic));
        receives(
                "['%s','%s','%s','phx_close',{}]".formatted(old, old, topic),
                "['%s','%s','%s','phx_reply',{'status':'ok','response':{}}]".formatted(joinRef, joinRef, topic));
    }

    /** Awaits messages: these, in this order, with nothing in between. */
    void receives(String... frames) {
        for (String frame : frames) {
            assertThat(next()).isEqualTo(frame.replace('\'', '"'));
        }
    }

    /** Awaits messages whose order is not guaranteed. */
    void receivesInAnyOrder(String... frames) {
        List<String> all = new ArrayList<>();
        while (all.size() < frames.length) {
            all.add(next());
        }
        assertThat(all)
                .containsExactlyInAnyOrderElementsOf(
                        Stream.of(frames).map(frame -> frame.replace('\'', '"')).toList());
    }

    /** Awaits the next message. Of a kept one the ref is its counter alone. */
    String next() {
        server.await(() -> !inbox.isEmpty(), () -> "a message for a client, " + this);
        return HistoryToken.counted(inbox.remove());
    }

    /** Returns the received messages that the test has not taken yet, as {@link #next} returns them. */
    List<String> received() {
        return inbox.stream().map(HistoryToken::counted).toList();
    }

    /** Returns the number of received messages that the test has not taken yet. */
    int untaken() {
        return inbox.size();
    }

    /** Awaits the end of the connection by the server. */
    void isClosedWith(int code) {
        server.await(this::closed, () -> "a close, " + this);
        assertThat(closeCode).isEqualTo(code);
    }

    boolean closed() {
        return closeCode != 0;
    }

    /** Loses its connection. */
    void drops() {
        loop.perform(() -> {
            if (!gone) {
                gone = true;
                inputEnded = true;
                if (held.isEmpty()) {
                    session.closing().disconnected();
                } else {
                    session.closing().cut();
                }
                discardOutput();
            }
        });
    }

    /** Ignores messages that the test does not expect. */
    void isCareless() {
        careless = true;
    }

    void forgets() {
        inbox.clear();
    }

    /** The number of sweeps that have looked at the connection. */
    int sweeps() {
        return checks.get();
    }

    void checkNothingIsLeft() {
        if (!careless) {
            assertThat(inbox).as("unexpected messages").isEmpty();
        }
    }

    /** From now on the socket takes nothing. */
    void stopsTaking() {
        loop.perform(() -> taking = false);
    }

    /** The socket takes this many buffers and no more. */
    void takes(int buffers) {
        loop.perform(() -> {
            takesUnnoticed(buffers);
            becomesWritable();
        });
    }

    /** As {@link #takes}, but does not notify the session that the socket keeps up again. */
    void takesUnnoticed(int buffers) {
        loop.perform(() -> {
            for (int i = 0; i < buffers; i++) {
                take();
            }
        });
    }

    /** The socket takes everything again. */
    void takesAgain() {
        loop.perform(() -> {
            taking = true;
            flush();
            becomesWritable();
        });
    }

    private void becomesWritable() {
        if (writable() && !closed()) {
            session.writable();
        }
    }

    boolean isRead() {
        return reading;
    }

    /** Returns the number of messages that the server has not read yet. */
    int unread() {
        return held.size();
    }

    /** Returns the number of messages that its socket has taken. */
    int messagesTaken() {
        return taken.get();
    }

    int flushes() {
        return flushes;
    }

    /** Returns the number of messages in each buffer that the socket took. */
    List<Integer> buffers() {
        return List.copyOf(buffers);
    }

    Session<?> session() {
        return session;
    }

    /** Its connection fails when a message of its own is written. */
    void failsToWrite(Throwable fault) {
        loop.perform(() -> writeFault = fault);
    }

    /** Its connection fails when messages that many clients share are written. */
    void failsToWriteShared(Throwable fault) {
        loop.perform(() -> sharedFault = fault);
    }

    /** Its connection fails when the session requests the number of waiting bytes. */
    void failsToReportPending(Throwable fault) {
        loop.perform(() -> pendingFault = fault);
    }

    /** Its connection fails when it is closed. */
    void failsToClose(Throwable fault) {
        loop.perform(() -> closeFault = fault);
    }

    private static void fail(Throwable fault) {
        switch (fault) {
            case null -> {}
            case Error error -> throw error;
            case RuntimeException exception -> throw exception;
            default -> throw new AssertionError(fault);
        }
    }

    // What the session does to the connection.

    @Override
    public void write(byte[] message) {
        fail(writeFault);
        TestShared own = (TestShared) loop.share(List.of(message));
        append(own);
        own.release();
    }

    @Override
    public void write(Loop.Shared messages) {
        fail(sharedFault);
        loop.allocate();
        append(messages);
    }

    private void append(Loop.Shared messages) {
        assertThat(loop.inEventLoop()).as("on the loop").isTrue();
        assertThat(closeCode)
                .as("the code it was closed with before this message")
                .isZero();
        messages.retain();
        appended.add(messages);
        pending += messages.bytes();
    }

    @Override
    public void flush() {
        flushes++;
        flushed.addAll(appended);
        appended.clear();
        while (taking && !flushed.isEmpty()) {
            take();
        }
    }

    private void take() {
        TestShared next = (TestShared) flushed.remove();
        pending -= next.bytes();
        takenBytes += next.bytes();
        buffers.add(next.messages().size());
        for (byte[] message : next.messages()) {
            inbox.add(new String(message, UTF_8));
        }
        taken.addAndGet(next.messages().size());
        next.release();
    }

    @Override
    public boolean writable() {
        return pending < HIGH_WATER;
    }

    @Override
    public long pending() {
        fail(pendingFault);
        return pending;
    }

    @Override
    public long taken() {
        return takenBytes;
    }

    @Override
    public long progress() {
        return taken.get();
    }

    @Override
    public boolean check() {
        checks.incrementAndGet();
        return false;
    }

    @Override
    public void endInput() {
        inputEnded = true;
        if (held.isEmpty()) {
            session.closing().inputEnded();
        }
    }

    @Override
    public void finished() {
        finished = true;
    }

    /** Whether the session handles nothing of it any more. */
    boolean isFinished() {
        return finished;
    }

    @Override
    public void reading(boolean on) {
        reading = on;
        boolean some = !held.isEmpty();
        while (reading && !held.isEmpty()) {
            receive(held.remove());
        }
        if (some && inputEnded && held.isEmpty()) {
            session.closing().inputEnded();
        }
    }

    @Override
    public void close(int code, String reason) {
        assertThat(closed()).as("closed before").isFalse();
        fail(closeFault);
        if (taking) {
            flush();
        }
        closeCode = code;
        discard();
    }

    private void discard() {
        discardOutput();
        held.clear();
    }

    private void discardOutput() {
        appended.forEach(Loop.Shared::release);
        appended.clear();
        flushed.forEach(Loop.Shared::release);
        flushed.clear();
    }

    @Override
    public String toString() {
        var all = new ArrayList<>(List.of("received " + received()));
        all.add(pending + " bytes pending");
        all.add(reading ? "read" : "not read");
        all.add(closed() ? "closed with " + closeCode : gone ? "gone" : "open");
        return String.join(", ", all);
    }
}
