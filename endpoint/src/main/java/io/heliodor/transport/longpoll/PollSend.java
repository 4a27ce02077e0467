package io.heliodor.transport.longpoll;

import io.netty.util.concurrent.ScheduledFuture;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** What one request of a client that polls says, and how much of it was taken. On the loop of its session. */
public final class PollSend {
    private final List<PollBody.Message> messages;
    private final IntConsumer answer;
    private int taken;
    private boolean answered;
    private @Nullable ScheduledFuture<?> timer;

    /**
     * One that was read.
     *
     * @param messages what it says
     * @param answer sends the status; on any loop, once
     */
    PollSend(List<PollBody.Message> messages, IntConsumer answer) {
        this.messages = messages;
        this.answer = answer;
    }

    /** The next message; null behind the last. */
    PollBody.@Nullable Message next() {
        return taken < messages.size() ? messages.get(taken++) : null;
    }

    void setTimer(ScheduledFuture<?> time) {
        timer = time;
    }

    boolean answered() {
        return answered;
    }

    void answer(int status) {
        answered = true;
        if (timer != null) {
            timer.cancel(false);
        }
        answer.accept(status);
    }
}
