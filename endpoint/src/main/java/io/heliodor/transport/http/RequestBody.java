package io.heliodor.transport.http;

import io.heliodor.session.budget.MemoryBudget;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The body of one request, up to its own limit and that of the endpoint's memory. Only the loop of its connection uses it,
 * except for {@link #release}, which returns the memory.
 */
public final class RequestBody {
    private static final int FIRST = 512;

    /** The messages are copies of the body, so each byte counts twice. */
    private static final long COPIES = 2;

    private final int maxBytes;
    private final MemoryBudget memory;
    private final Runnable onPart;
    private final Consumer<RequestBody> onComplete;
    private final AtomicLong counted = new AtomicLong();
    private byte[] bytes = new byte[FIRST];
    private int length;

    /**
     * An empty body.
     *
     * @param maxBytes the maximum length
     * @param memory the memory budget of the endpoint
     * @param onPart runs after each part but the last one
     * @param onComplete receives the complete body
     */
    public RequestBody(int maxBytes, MemoryBudget memory, Runnable onPart, Consumer<RequestBody> onComplete) {
        this.maxBytes = maxBytes;
        this.memory = memory;
        this.onPart = onPart;
        this.onComplete = onComplete;
    }

    /** Appends a part, or returns the status with which to refuse the request. */
    OptionalInt add(ByteBuf part) {
        int more = part.readableBytes();
        if (more > maxBytes - length) {
            return OptionalInt.of(400);
        }
        if (memory.tight()) {
            return OptionalInt.of(503);
        }
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.clamp(bytes.length * 2L, length + more, maxBytes));
        }
        memory.add(COPIES * more);
        counted.addAndGet(COPIES * more);
        part.readBytes(bytes, length, more);
        length += more;
        return OptionalInt.empty();
    }

    /** A part was added, and more parts follow. */
    void partArrived() {
        onPart.run();
    }

    /** Hands the complete body over. */
    void finish() {
        finish(onComplete);
    }

    /** Hands the complete body over. If the receiver fails, for example for lack of heap, its memory is returned. */
    public void finish(Consumer<RequestBody> receiver) {
        try {
            receiver.accept(this);
        } catch (Throwable e) {
            release();
            throw e;
        }
    }

    /** Takes the bytes out of the body. */
    public byte[] take() {
        byte[] all = Arrays.copyOf(bytes, length);
        bytes = new byte[0];
        return all;
    }

    /** Returns the memory of the body, when its bytes are no longer in use; further calls have no effect. */
    public void release() {
        memory.add(-counted.getAndSet(0));
    }
}
