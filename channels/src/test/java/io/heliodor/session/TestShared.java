package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Messages for many connections; counts who holds them. */
final class TestShared implements Loop.Shared {
    private final List<byte[]> messages;
    private final AtomicInteger buffers;
    private int holders = 1;

    TestShared(List<byte[]> messages, AtomicInteger buffers) {
        this.messages = messages;
        this.buffers = buffers;
        buffers.incrementAndGet();
    }

    List<byte[]> messages() {
        assertThat(holders).as("holders of a buffer that is read").isPositive();
        return messages;
    }

    @Override
    public int bytes() {
        return messages.stream().mapToInt(message -> message.length).sum();
    }

    @Override
    public void retain() {
        assertThat(holders).as("holders of a buffer that is retained").isPositive();
        holders++;
    }

    @Override
    public void release() {
        assertThat(holders).as("holders of a buffer that is released").isPositive();
        if (--holders == 0) {
            buffers.decrementAndGet();
        }
    }
}
