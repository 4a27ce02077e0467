package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.session.lane.Loop;
import java.util.List;

/** Messages for many connections, with a count of their holders. */
final class TestShared implements Loop.Shared {
    private final List<byte[]> messages;
    private final Runnable released;
    private int holders = 1;

    /**
     * Messages with one holder.
     *
     * @param released runs when the last holder releases them
     */
    TestShared(List<byte[]> messages, Runnable released) {
        this.messages = messages;
        this.released = released;
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
    public TestShared range(int from, int to) {
        retain();
        return new TestShared(messages().subList(from, to), this::release);
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
            released.run();
        }
    }
}
