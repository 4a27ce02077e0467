package io.heliodor.playground.node;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Buffers log output while a node starts, because a refused start must print exactly one line. Thread-safe.
 */
final class BufferedStderr extends OutputStream {
    private static final int MAX = 64 << 10;

    private enum State {
        HOLDING,
        PASSING,
        DROPPING
    }

    private final PrintStream real;
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();
    private State state = State.HOLDING;

    private BufferedStderr(PrintStream real) {
        this.real = real;
    }

    /** Buffers from now on. */
    static BufferedStderr hold() {
        BufferedStderr errors = new BufferedStderr(System.err);
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        return errors;
    }

    /** Prints the buffered and all further output. */
    synchronized void release() {
        state = State.PASSING;
        real.writeBytes(held.toByteArray());
        held.reset();
        System.setErr(real);
    }

    /** Discards the buffered and all further output. */
    synchronized void drop() {
        state = State.DROPPING;
        held.reset();
        System.setErr(real);
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int length) {
        switch (state) {
            case HOLDING -> held.write(bytes, from, Math.min(length, MAX - held.size()));
            case PASSING -> real.write(bytes, from, length);
            case DROPPING -> {}
        }
    }
}
