package io.heliodor.interop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Many clients at once, each a thread that joins a room and reads. They come back when they are cut, as phoenix.js does. */
public final class Crowd implements AutoCloseable {
    private static final int IN_A_ROOM = 100;
    private static final long[] RETRY_MILLIS = {10, 50, 100, 150, 200, 250, 500, 1_000, 2_000, 5_000};

    private final int port;
    private final List<Member> members = new ArrayList<>();
    private final AtomicInteger joined = new AtomicInteger();
    private final Queue<Closed> closes = new ConcurrentLinkedQueue<>();
    private volatile boolean comesBack = true;

    /** A close of a connection by the server, with its code; 0 for none. */
    public record Closed(long nanos, int code) {}

    public Crowd(int port, int size) {
        this.port = port;
        for (int i = 0; i < size; i++) {
            members.add(new Member(i));
        }
        members.forEach(member -> Thread.ofVirtual().start(member));
    }

    /** The number of clients that are joined now. */
    public int joined() {
        return joined.get();
    }

    /** The closes by the server so far. */
    public List<Closed> closes() {
        return List.copyOf(closes);
    }

    /** Resets all connections at once. */
    void cut() {
        members.forEach(Member::cut);
    }

    /** From now on clients that are cut do not return. */
    public void stayAway() {
        comesBack = false;
    }

    @Override
    public void close() {
        stayAway();
        cut();
    }

    private final class Member implements Runnable {
        private final int number;
        private volatile @Nullable PlainSocket socket;

        Member(int number) {
            this.number = number;
        }

        void cut() {
            PlainSocket open = socket;
            if (open != null) {
                open.resets();
            }
        }

        @Override
        public void run() {
            int tries = 0;
            while (comesBack) {
                boolean in = false;
                try (PlainSocket open = new PlainSocket(port)) {
                    socket = open;
                    open.joins("room:crowd-" + number / IN_A_ROOM, "{\"user\":\"u" + number + "\"}");
                    in = true;
                    tries = 0;
                    joined.incrementAndGet();
                    closes.add(new Closed(System.nanoTime(), readToTheEnd(open)));
                } catch (IOException e) {
                    // Cut, or the server was not ready: tries again.
                } finally {
                    if (in) {
                        joined.decrementAndGet();
                    }
                }
                pause(RETRY_MILLIS[Math.min(tries++, RETRY_MILLIS.length - 1)]);
            }
        }

        /** The code of the close. */
        private static int readToTheEnd(PlainSocket open) throws IOException {
            PlainSocket.Frame frame = open.next();
            while (frame.opcode() != 8) {
                frame = open.next();
            }
            return frame.code();
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
