package io.heliodor.testkit;

import java.util.concurrent.Callable;

/**
 * A join whose handler a test holds: before the handler runs, and again before its outcome counts. So a test broadcasts at a known
 * moment of the join, and the channel needs no code for it.
 *
 * {@snippet :
 * HeldJoin join = kit.connect().holdJoin("game:1");
 * ann.call(SCORE, new Points(1));          // the join handler will read it
 * join.handle();                           // the state is read
 * ann.call(SCORE, new Points(2));          // it is not in the state
 * TestChannel ben = join.joined();         // the reply, and then what the state lacks
 * assertThat(ben.reply(State.class)).isEqualTo(new State(1));
 * assertThat(ben.expectNext(SCORED)).isEqualTo(new Points(2));
 * }
 *
 * <p>When {@link TestClient#holdJoin} returns, the server has begun the join: each broadcast from then on reaches the client after
 * the reply. {@linkplain io.heliodor.channel.Channel.Builder#handlerTimeout Timeouts} of the handler pass by the clock of the kit.
 * While a join is held, {@link ChannelKit#settle} and the methods that wait like it wait for its handler; the close of the kit lets
 * it go on.
 *
 * <p><b>Failures</b> are {@link AssertionError}s as those of {@link TestClient}. <b>Threads:</b> any thread may use it, except
 * threads that run handlers. <b>Blocking:</b> all methods wait until the {@linkplain ChannelKit.Builder#deadline deadline} at
 * most.
 */
public final class HeldJoin {
    private static final int HANDLER = 1;
    private static final int OUTCOME = 2;

    private final TestClient client;
    private final TestChannel channel;

    // Guarded by the client: the last point at which the handler's thread has arrived, and that which it may pass.
    private int reached;
    private int passable;

    HeldJoin(TestClient client, TestChannel channel) {
        this.client = client;
        this.channel = channel;
    }

    TestChannel channel() {
        return channel;
    }

    /** Whether the join handler was called; under the client's monitor. */
    boolean isAtHandler() {
        return reached >= HANDLER;
    }

    /** Runs the join handler when the test lets it. On the handler's thread. */
    <T> T run(Callable<T> handler) throws Exception {
        stopAt(HANDLER);
        try {
            return handler.call();
        } finally {
            stopAt(OUTCOME);
        }
    }

    private void stopAt(int point) throws InterruptedException {
        synchronized (client) {
            reached = point;
            client.notifyAll();
            while (passable < point) {
                client.wait();
            }
        }
    }

    private void pass(int point) {
        // Broadcasts of the test come before.
        client.kit().loop().perform(() -> {});
        synchronized (client) {
            if (passable == OUTCOME) {
                throw new IllegalStateException(
                        "The join of " + channel.topic() + " goes on already; hold another one.");
            }
            passable = point;
            client.notifyAll();
        }
    }

    /** Lets the join go on, at the end of the kit. */
    void end() {
        synchronized (client) {
            passable = OUTCOME;
            client.notifyAll();
        }
    }

    /**
     * Runs the join handler, and holds its outcome.
     *
     * @throws AssertionError if the handler has not returned or thrown at the deadline; the message has its position
     * @throws IllegalStateException if the join goes on already
     */
    public void handle() {
        pass(HANDLER);
        boolean _ = client.await(
                () -> reached == OUTCOME ? true : null, "the join handler of " + channel.topic() + " to return", null);
    }

    /**
     * Lets the join go on, and waits for its reply.
     *
     * @return the channel
     * @throws AssertionError if the join is refused, or has no reply in time; its cause is the exception of the join handler
     * @throws IllegalStateException if the join goes on already
     */
    public TestChannel joined() {
        pass(OUTCOME);
        return client.awaitJoined(channel);
    }

    /**
     * Lets the join go on, and expects a refusal.
     *
     * @return the refusal
     * @throws AssertionError if the client has joined, has no reply in time, or the join handler failed: then its exception is the
     *     cause
     * @throws IllegalStateException if the join goes on already
     */
    public Refusal refused() {
        pass(OUTCOME);
        return client.awaitRefused(channel);
    }
}
