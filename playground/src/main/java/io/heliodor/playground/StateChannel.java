package io.heliodor.playground;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.JoinOutcome;
import io.heliodor.channel.Outcome;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.InvalidPayload;
import io.heliodor.event.Reason;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * {@code state:*}: a number for each topic, and a join that reads it slowly.
 *
 * @param node the name of this node
 * @param numbers of each topic
 */
record StateChannel(String node, Map<String, Bumps> numbers) {
    static final Call<Empty, Value, Reason> BUMP = Call.of("bump", Empty.class, Value.class);
    static final Event<State> BUMPED = Event.of("bumped", State.class);
    private static final int MAX_MILLIS = 1_000;
    private static final int MAX_TOPICS = 10_000;

    StateChannel(String node) {
        this(node, new ConcurrentHashMap<>());
    }

    /** The number of a topic, which its own lock guards. */
    static final class Bumps {
        @GuardedBy("this")
        private long value;
    }

    record Value(long v) {}

    record State(long v, String node) {}

    record Enter(Optional<Integer> ms) {
        Enter {
            if (ms.filter(time -> time < 0 || time > MAX_MILLIS).isPresent()) {
                throw new InvalidPayload("ms", "must be 0 to " + MAX_MILLIS);
            }
        }
    }

    Channel<Object, Bumps> channel(int broadcasts, Duration age) {
        return Channel.join(Enter.class, this::join)
                .answer(BUMP, (_, room) -> bump(room))
                .joinReply(State.class)
                .refuses("too many topics")
                .sends(BUMPED)
                .history(History.of(broadcasts, age, BUMPED))
                .build();
    }

    private JoinOutcome<Bumps> join(Enter enter, Join<?> join) throws InterruptedException {
        if (numbers.size() >= MAX_TOPICS && !numbers.containsKey(join.topic())) {
            return Join.refuse("too many topics");
        }
        Bumps number = numbers.computeIfAbsent(join.topic(), _ -> new Bumps());
        State state;
        String position;
        synchronized (number) {
            state = new State(number.value, node);
            position = join.position();
        }
        Thread.sleep(enter.ms().orElse(0));
        return Join.ok(number, state).since(position);
    }

    private Outcome<Value, Reason> bump(Context<?, Bumps> room) {
        Bumps number = room.assigns();
        // In one step: a join reads a number and the position of its broadcast.
        synchronized (number) {
            number.value++;
            room.broadcast(BUMPED, new State(number.value, node));
            return Reply.ok(new Value(number.value));
        }
    }
}
