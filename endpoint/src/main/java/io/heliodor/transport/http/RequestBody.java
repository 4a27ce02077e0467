package io.heliodor.transport.http;

import io.heliodor.session.MemoryBudget;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * The body of one request, gathered up to a bound of its own and to one that all share. What it takes of the shared one
 * is given back by {@link #release}. On the loop of its connection, but for that.
 */
public final class RequestBody {
    private static final int FIRST = 512;

    /** Its messages are copies. */
    private static final long COPIES = 2;

    private final int most;
    private final MemoryBudget memory;
    private final Consumer<RequestBody> whole;
    private byte[] bytes = new byte[FIRST];
    private int length;

    /**
     * An empty one.
     *
     * @param most how many bytes it may have
     * @param memory what all bodies share with the rest of the endpoint
     * @param whole what to do with it when it is there
     */
    public RequestBody(int most, MemoryBudget memory, Consumer<RequestBody> whole) {
        this.most = most;
        this.memory = memory;
        this.whole = whole;
    }

    /** Appends a part; or the status with which to refuse the request. */
    OptionalInt add(ByteBuf part) {
        int more = part.readableBytes();
        if (more > most - length) {
            return OptionalInt.of(400);
        }
        if (memory.tight()) {
            return OptionalInt.of(503);
        }
        memory.add(COPIES * more);
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
    public byte[] take() {
        byte[] all = Arrays.copyOf(bytes, length);
        bytes = new byte[0];
        return all;
    }

    /** Nothing of it is in hand any more. Once. */
    public void release() {
        memory.add(-COPIES * length);
    }
}
