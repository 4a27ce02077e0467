package io.heliodor.playground;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

/**
 * The playground with a log that blocks for ever in the line about a client that broke the protocol, as a full pipe does that
 * no process reads. An event loop writes that line. Before, a line on standard output reports it.
 */
final class BlockedLogProgram {
    static final String BLOCKED = "an event loop hangs";

    private BlockedLogProgram() {}

    public static void main(String[] args) {
        System.setErr(new PrintStream(new BlockedPipe(), true, StandardCharsets.UTF_8));
        Playground.main(args);
    }

    private static final class BlockedPipe extends OutputStream {
        @Override
        public void write(int one) {}

        @Override
        public void write(byte[] bytes, int from, int count) {
            if (new String(bytes, from, count, StandardCharsets.UTF_8).contains("broke the protocol")) {
                System.out.println(BLOCKED);
                System.out.flush();
                block();
            }
        }

        private static void block() {
            while (true) {
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException ignored) {
                    // A full pipe does not end by an interrupt either.
                }
            }
        }
    }
}
