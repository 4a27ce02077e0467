package io.heliodor.client.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.client.wire.FrameDecoder;
import io.heliodor.client.wire.Payload;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** A state with a clock of its own and a socket that takes every frame at once. Each method is one input, after which the invariants hold. */
final class Driver {
    static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    final RecordedEffects effects = new RecordedEffects();
    final CounterValues counters = new CounterValues();
    final ClientState state;
    long now = 5;

    Driver() {
        this(false);
    }

    Driver(boolean hasTokens) {
        this(hasTokens, new Limits(1000, 1 << 22), Timing.standard());
    }

    Driver(boolean hasTokens, Limits limits, Timing timing) {
        state = new ClientState(limits, timing, new SplittableRandom(7), hasTokens, effects, counters);
    }

    /** Lets the socket take what is sent, frame by frame. */
    private void settle() {
        state.checkInvariants();
        while (effects.isInFlight) {
            effects.isInFlight = false;
            state.sent(now, effects.connection);
            state.checkInvariants();
        }
    }

    void connect() {
        state.connect(now);
        settle();
    }

    void join(long channel, String topic) {
        join(channel, topic, false);
    }

    void join(long channel, String topic, boolean hasState) {
        state.join(now, channel, topic, Payload.json("{}"), hasState);
        settle();
    }

    void leave(long channel) {
        state.leave(now, channel);
        settle();
    }

    void observe(long channel, boolean hasState) {
        state.observe(now, channel, hasState);
        settle();
        advance(0);
    }

    void push(long channel, String event) {
        state.push(now, channel, event, Payload.json("{}"), 7);
        settle();
    }

    void call(long channel, long call, boolean isRepeated) {
        state.call(now, channel, call, "buy", Payload.json("{}"), 9, 10 * SECOND, isRepeated);
        settle();
    }

    void refresh(long number) {
        state.refresh(now, number);
        settle();
    }

    void fetched(String token) {
        state.fetched(now, effects.fetch, token);
        settle();
    }

    void fetchFailed() {
        state.fetchFailed(now, effects.fetch);
        settle();
    }

    void opened() {
        state.opened(now, effects.connection);
        settle();
    }

    void frame(String text) {
        effects.isRequested = false;
        state.received(now, effects.connection, FrameDecoder.text(text.getBytes(UTF_8)));
        settle();
    }

    void oversized(String head) {
        effects.isRequested = false;
        state.received(now, effects.connection, FrameDecoder.head(false, head.getBytes(UTF_8)));
        settle();
    }

    void reply(String ref, String topic, String status, String response) {
        frame("[null,\"" + ref + "\",\"" + topic + "\",\"phx_reply\",{\"status\":\"" + status + "\",\"response\":"
                + response + "}]");
    }

    void closed(int code) {
        state.closed(now, effects.connection, code, "");
        settle();
    }

    void failed(int status, long retryAfter) {
        state.failed(now, effects.connection, status, retryAfter, "failed");
        settle();
    }

    void close() {
        state.close(now, "");
        settle();
    }

    /** Runs the callbacks that wait. */
    void runCallbacks() {
        int number = effects.undelivered.size();
        long bytes = effects.undelivered.stream().mapToLong(Delivery::size).sum();
        effects.undelivered.clear();
        state.delivered(now, number, bytes);
        settle();
    }

    /** Moves the clock, and wakes the state at each time that it names. */
    void advance(long nanos) {
        long end = now + nanos;
        while (state.next() <= end) {
            now = Math.max(now, state.next());
            state.wake(now);
            settle();
        }
        now = end;
    }

    /** Moves the clock to the next time that the state names, and returns how far that was. */
    long step() {
        long before = now;
        advance(state.next() - now);
        return now - before;
    }

    /** Connects, joins topic {@code t} as channel 1, and drops the effects. */
    Driver joined(boolean hasState, String history) {
        join(1, "t", hasState);
        opened();
        String ref = joinRef();
        reply(ref, "t", "ok", history.isEmpty() ? "{}" : "{\"history\":" + history + "}");
        runCallbacks();
        effects.take();
        return this;
    }

    Driver joined() {
        return joined(false, "");
    }

    /** The reference of the last join that was sent; drops the effects. */
    String joinRef() {
        List<String> joins = new ArrayList<>(effects.frames());
        joins.removeIf(frame -> !frame.contains("\"phx_join\""));
        return joins.get(joins.size() - 1).split("\"", -1)[1];
    }
}
