package io.heliodor.transport;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The body of one request, gathered up to a bound of its own and to one that all share. What it takes of the shared one
 * is given back by {@link #release}. On the loop of its connection, but for that.
 */
final class RequestBody {
    private static final int FIRST = 512;

    private final int most;
    private final AtomicLong inHand;
    private final long mostInHand;
    private final Consumer<RequestBody> whole;
    private byte[] bytes = new byte[FIRST];
    private int length;

    /**
     * An empty one.
     *
     * @param most how many bytes it may have
     * @param inHand how many bytes all bodies have at the moment
     * @param mostInHand how many they may have
     * @param whole what to do with it when it is there
     */
    RequestBody(int most, AtomicLong inHand, long mostInHand, Consumer<RequestBody> whole) {
        this.most = most;
        this.inHand = inHand;
        this.mostInHand = mostInHand;
        this.whole = whole;
    }

    /** Appends a part; or the status with which to refuse the request. */
    OptionalInt add(ByteBuf part) {
        int more = part.readableBytes();
        if (more > most - length) {
            return OptionalInt.of(400);
        }
        if (inHand.addAndGet(more) > mostInHand) {
            inHand.addAndGet(-more);
            return OptionalInt.of(503);
        }
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.clamp(bytes.length * 2L, length + more, most));
        }
        part.readBytes(bytes, length, more);
        length += more;
        return OptionalInt.empty();
    }

    void finish() {
        whole.accept(this);
    }

    /** What was gathered; the body forgets it. */
    byte[] take() {
        byte[] all = Arrays.copyOf(bytes, length);
        bytes = new byte[0];
        return all;
    }

    /** Nothing of it is in hand any more. Once. */
    void release() {
        inHand.addAndGet(-length);
    }
}
