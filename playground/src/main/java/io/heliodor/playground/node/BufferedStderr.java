package io.heliodor.playground.node;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Buffers log output while a node starts, because a refused start must print exactly one line. Thread-safe.
 */
final class BufferedStderr extends OutputStream {
    private static final int MAX_BYTES = 64 << 10;

    private enum State {
        BUFFERING,
        PASSING,
        DROPPING
    }

    private final PrintStream real;
    private final ByteArrayOutputStream buffer = new ByteArrayOutputStream();

    @GuardedBy("this")
    private State state = State.BUFFERING;

    private BufferedStderr(PrintStream real) {
        this.real = real;
    }

    /** Buffers from now on. */
    static BufferedStderr install() {
        BufferedStderr errors = new BufferedStderr(System.err);
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        return errors;
    }

    /** Prints the buffered and all further output. */
    synchronized void release() {
        state = State.PASSING;
        real.writeBytes(buffer.toByteArray());
        buffer.reset();
        System.setErr(real);
    }

    /** Discards the buffered and all further output. */
    synchronized void drop() {
        state = State.DROPPING;
        buffer.reset();
        System.setErr(real);
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int length) {
        switch (state) {
            case BUFFERING -> buffer.write(bytes, from, Math.min(length, MAX_BYTES - buffer.size()));
            case PASSING -> real.write(bytes, from, length);
            case DROPPING -> {}
        }
    }
}
