package io.heliodor.client.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.client.status.ChannelStatus;
import io.heliodor.client.wire.FrameDecoder;
import io.heliodor.client.wire.Message;
import io.heliodor.client.wire.Payload;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One random schedule: the application, the network, the callbacks and the server take their steps in any order. The network loses what
 * waits at each cut. Afterwards all faults end, and everything must come to rest.
 */
final class Simulation implements Effects {
    private static final int STEPS = 1_500;
    private static final int MAX_CALLBACKS = 5;
    private static final long MAX_BYTES = 200;
    private static final int MAX_DELIVERIES_OF_A_FRAME = 4;
    private static final int MORE_WHILE_A_REPLY_IS_AWAITED = 100;
    private static final long MILLI = 1_000_000;

    /** One channel, as the application sees it. */
    private static final class Follower {
        private final long number;
        private final String topic;
        private boolean isJoined;

        /** Whether it has a callback for the state, and whether it has not got one since that was added. */
        private boolean hasState;

        private boolean owesState;

        /** The number of the last message or state; -1 before the first state. */
        private int last = -1;

        /** Whether a gap was reported, and the state has not come anew. */
        private boolean hasGap;

        Follower(long number, String topic) {
            this.number = number;
            this.topic = topic;
        }
    }

    final CounterValues counters = new CounterValues();
    int repeatedAnswers;

    private final SplittableRandom random;
    private final ModelServer server;
    private final ClientState state;
    private final StringBuilder log = new StringBuilder();
    private final Map<Long, Follower> followers = new HashMap<>();
    private final Map<Long, String> calls = new HashMap<>();
    private final Set<Long> completed = new HashSet<>();
    private final ArrayDeque<Delivery> callbacks = new ArrayDeque<>();
    private final ArrayDeque<String> toServer = new ArrayDeque<>();

    private long now;
    private long connection;
    private boolean isOpening;
    private boolean isOpen;
    private boolean isInFlight;
    private boolean isRequested;
    private boolean isFrozen;
    private int reserved;
    private long numbers;
    private @Nullable Long fetch;
    private boolean isFinished;

    Simulation(long seed) {
        random = new SplittableRandom(seed);
        server = new ModelServer(random.split());
        state = new ClientState(
                new Limits(MAX_CALLBACKS, MAX_BYTES),
                Timing.standard(),
                random.split(),
                random.nextBoolean(),
                this,
                counters);
    }

    String log() {
        return log.length() < 20_000 ? log.toString() : log.substring(log.length() - 20_000);
    }

    void run() {
        for (int i = 0; i < STEPS; i++) {
            step();
            check();
        }
        server.isQuiet = true;
        isFrozen = false;
        for (int i = 0; i < 4_000; i++) {
            quietStep(i);
            check();
        }
        checkRest();
        state.close(now, "");
        for (int i = 0; i < 200 && !isFinished; i++) {
            network();
            advance(100 * MILLI);
        }
        runCallbacks();
        assertThat(isFinished).isTrue();
        assertThat(completed).as("calls with a result").isEqualTo(calls.keySet());
        assertThat(reserved).as("room of frames that wait").isZero();
        assertThat(state.waitingCallbacks()).isZero();
        assertThat(state.waitingCallbackBytes()).isZero();
        state.checkInvariants();
    }

    private void step() {
        switch (random.nextInt(60)) {
            case 0, 1 -> join();
            case 2 -> leave();
            case 3 -> push();
            case 4, 5 -> call();
            case 6, 7, 8, 9, 10, 11 -> publish();
            case 12, 13, 14, 15, 16, 17, 18, 19 -> runCallback();
            case 20 -> advance(random.nextInt(random.nextInt(8) == 0 ? 40_000 : 600) * MILLI);
            case 21 -> cut();
            case 22 -> freeze();
            case 23 -> server.sendLate();
            case 24 -> observe();
            case 25 -> fault();
            default -> network();
        }
    }

    /** Without faults: the network and the callbacks keep up. */
    private void quietStep(int i) {
        if (i % 200 == 0 && i < 1_000) {
            followers.values().forEach(each -> server.publish(each.topic));
        }
        if (fetch != null || isOpening || isInFlight || !toServer.isEmpty() || !server.toClient.isEmpty()) {
            network();
        } else if (callbacks.isEmpty()) {
            advance(100 * MILLI);
        }
        runCallbacks();
    }

    private @Nullable Follower any() {
        return followers.isEmpty()
                ? null
                : followers.values().stream()
                        .skip(random.nextInt(followers.size()))
                        .findFirst()
                        .orElse(null);
    }

    private void join() {
        Follower known = any();
        if (known != null && random.nextBoolean()) {
            if (known.isJoined && state.status(known.number).isOver()) {
                known.hasGap = true; // a final refusal ends the position; callbacks may wait
                known.hasState = true;
                known.owesState = true;
                state.join(now, known.number, known.topic, Payload.json("{}"), true);
            }
            return;
        }
        String topic = "t" + random.nextInt(3);
        if (followers.values().stream().anyMatch(each -> each.topic.equals(topic))) {
            return;
        }
        Follower follower = new Follower(++numbers, topic);
        followers.put(follower.number, follower);
        follower.isJoined = true;
        follower.hasState = random.nextBoolean();
        follower.owesState = follower.hasState;
        log("join %d %s".formatted(follower.number, topic));
        state.join(now, follower.number, topic, Payload.json("{}"), follower.hasState);
    }

    private void leave() {
        Follower follower = any();
        if (follower != null && random.nextInt(3) == 0) {
            log("leave %d".formatted(follower.number));
            followers.remove(follower.number);
            state.leave(now, follower.number);
        }
    }

    private void push() {
        Follower follower = any();
        if (follower != null) {
            reserved++;
            state.push(now, follower.number, "push", Payload.json("{\"n\":" + ++numbers + "}"), 1);
        }
    }

    private void call() {
        Follower follower = any();
        if (follower == null) {
            return;
        }
        long number = ++numbers;
        boolean once = random.nextBoolean();
        String key = once ? "k" + number : "";
        calls.put(number, key);
        reserved++;
        log("call %d once %s".formatted(number, once));
        state.call(
                now,
                follower.number,
                number,
                once ? "once" : "buy",
                Payload.json(once ? "{\"key\":\"" + key + "\"}" : "{}"),
                1,
                10_000 * MILLI,
                once);
    }

    private void publish() {
        String topic = "t" + random.nextInt(3);
        if (random.nextInt(4) == 0) {
            server.volatileMessage(topic);
        } else {
            server.publish(topic);
        }
    }

    private void observe() {
        Follower follower = any();
        if (follower != null) {
            boolean needsState = random.nextBoolean();
            follower.hasState |= needsState;
            follower.owesState |= needsState;
            log("observe %d %s".formatted(follower.number, needsState));
            state.observe(now, follower.number, needsState);
        }
    }

    private void fault() {
        if (!isOpen) {
            return;
        }
        switch (random.nextInt(8)) {
            case 0 -> server.malformed();
            case 1, 2, 3 -> server.crash("t" + random.nextInt(3));
            default -> server.stale("t" + random.nextInt(3));
        }
    }

    private void network() {
        if (fetch != null) {
            long number = fetch;
            fetch = null;
            if (!server.isQuiet && random.nextInt(5) == 0) {
                state.fetchFailed(now, number);
            } else {
                state.fetched(now, number, "token");
            }
            return;
        }
        if (isFrozen) {
            return;
        }
        if (isOpening) {
            isOpening = false;
            if (!server.isQuiet && random.nextInt(4) == 0) {
                state.failed(now, connection, random.nextBoolean() ? 0 : 503, 0, "no");
            } else {
                isOpen = true;
                state.opened(now, connection);
            }
        } else if (isInFlight && random.nextInt(3) != 0) {
            isInFlight = false;
            state.sent(now, connection);
        } else if (!toServer.isEmpty() && random.nextInt(3) != 0) {
            server.received(toServer.remove());
        } else if (isRequested && !server.toClient.isEmpty()) {
            isRequested = false;
            String frame = server.toClient.remove();
            log("< %s".formatted(frame));
            state.received(now, connection, FrameDecoder.text(frame.getBytes(UTF_8)));
        }
    }

    /** Stops the network, which the client notices by its heartbeat only. */
    private void freeze() {
        isFrozen = random.nextInt(8) == 0;
        if (isFrozen && random.nextBoolean()) {
            advance(70_000 * MILLI);
        }
    }

    private void cut() {
        if (isOpen && random.nextInt(3) == 0) {
            log("cut");
            disconnect();
            state.closed(now, connection, 1006, "");
        }
    }

    /** Loses everything between the client and the server. */
    private void disconnect() {
        isOpen = false;
        isOpening = false;
        isInFlight = false;
        isRequested = false;
        toServer.clear();
        server.disconnected();
    }

    private void advance(long nanos) {
        long end = now + nanos;
        while (state.next() <= end) {
            now = Math.max(now, state.next());
            state.wake(now);
            check();
        }
        now = end;
    }

    private void runCallbacks() {
        while (!callbacks.isEmpty()) {
            runCallback();
        }
    }

    private void runCallback() {
        Delivery delivery = callbacks.poll();
        if (delivery == null) {
            return;
        }
        if (delivery instanceof Delivery.Message message && message.channel() != 0) {
            Follower follower = followers.get(message.channel());
            if (follower != null) {
                message(follower, message);
            }
        } else if (delivery instanceof Delivery.State newState) {
            Follower follower = followers.get(newState.channel());
            if (follower != null) {
                int number = newState.reply().tree().path("n").asInt(-1);
                assertThat(number).as("state of %s", follower.topic).isGreaterThanOrEqualTo(follower.last);
                follower.last = number;
                follower.hasGap = false;
                follower.owesState = false;
            }
        } else if (delivery instanceof Delivery.Recovered recovered) {
            Follower follower = followers.get(recovered.channel());
            if (follower != null
                    && recovered.recovery().token().orElse("").endsWith("~")
                    && !recovered.recovery().isRecovered()) {
                follower.hasGap = true;
            }
        }
        state.delivered(now, 1, delivery.size());
    }

    private static void message(Follower follower, Delivery.Message message) {
        assertThat(message.event()).isNotEqualTo("stale");
        if (message.token() == null) {
            return;
        }
        int number = message.payload().tree().path("n").asInt(-1);
        if (follower.hasGap) {
            assertThat(number).as("message of %s after a gap", follower.topic).isGreaterThan(follower.last);
            follower.hasGap = follower.hasState;
        } else {
            assertThat(number).as("message of %s", follower.topic).isEqualTo(follower.last + 1);
        }
        follower.last = number;
    }

    private void check() {
        state.checkInvariants();
        assertThat(state.waitingCallbacks()).isEqualTo(callbacks.size());
        long bound = MAX_CALLBACKS + MORE_WHILE_A_REPLY_IS_AWAITED + MAX_DELIVERIES_OF_A_FRAME;
        assertThat(state.waitingCallbacks() - statusChanges())
                .as("callbacks that wait")
                .isLessThanOrEqualTo((int) bound);
        assertThat(state.timerCount()).isLessThan(10 + 5 * followers.size() + 2 * (calls.size() - completed.size()));
    }

    /** The changes of status that the application and the network cause without a frame. */
    private int statusChanges() {
        return (int) callbacks.stream()
                .filter(each -> each instanceof Delivery.ConnectionChanged || each instanceof Delivery.ChannelChanged)
                .count();
    }

    private void checkRest() {
        for (Follower follower : followers.values()) {
            ChannelStatus status = state.status(follower.number);
            if (!status.isOver()) {
                assertThat(status).as("%s", follower.topic).isEqualTo(new ChannelStatus.Joined());
                assertThat(follower.hasGap && follower.hasState)
                        .as("a gap of %s without a state", follower.topic)
                        .isFalse();
                assertThat(follower.owesState)
                        .as("a callback of %s without a state", follower.topic)
                        .isFalse();
                assertThat(follower.last).as("%s", follower.topic).isEqualTo(server.published(follower.topic));
            }
        }
        assertThat(reserved).as("room of frames that wait").isZero();
    }

    private void log(String line) {
        log.append(now / MILLI).append(' ').append(line).append('\n');
    }

    // Effects

    @Override
    public void fetchToken(long number) {
        fetch = number;
    }

    @Override
    public void open(long number, @Nullable String token) {
        assertThat(isOpen || isOpening).as("two connections").isFalse();
        connection = number;
        isOpening = true;
    }

    @Override
    public void send(long number, Message frame) {
        assertThat(number).isEqualTo(connection);
        assertThat(isInFlight).as("two frames are sent").isFalse();
        isInFlight = true;
        log("> %s".formatted(frame.payload().text()));
        toServer.add(frame.payload().text());
    }

    @Override
    public void request(long number) {
        assertThat(isRequested).as("two frames are requested").isFalse();
        isRequested = true;
    }

    @Override
    public void close(long number, int code, String reason) {
        log("close %d %s".formatted(code, reason));
        disconnect();
    }

    @Override
    public void deliver(Delivery delivery) {
        log("deliver %s".formatted(delivery));
        callbacks.add(delivery);
    }

    @Override
    public void complete(long call, Answer answer) {
        log("complete %d %s".formatted(call, answer));
        assertThat(completed.add(call)).as("a second result of call %d", call).isTrue();
        String key = calls.getOrDefault(call, "");
        if (answer instanceof Answer.Ok ok && !key.isEmpty()) {
            assertThat(ok.reply().tree().path("key").stringValue()).isEqualTo(key);
            if (server.executions(key) > 1) {
                repeatedAnswers++;
            }
        }
        if (key.isEmpty()) {
            assertThat(answer instanceof Answer.Failed)
                    .as("an error of a call without faults")
                    .isFalse();
        }
    }

    @Override
    public void refreshed(long refresh, TokenAnswer answer) {}

    @Override
    public void release(int bytes) {
        reserved -= bytes;
        assertThat(reserved).isNotNegative();
    }

    @Override
    public void warn(String fault) {}

    @Override
    public void finished() {
        assertThat(isFinished).isFalse();
        isFinished = true;
    }
}
