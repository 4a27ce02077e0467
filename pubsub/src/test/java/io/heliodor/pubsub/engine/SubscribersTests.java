package io.heliodor.pubsub.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.pubsub.Subscriber;
import io.heliodor.pubsub.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The order of a topic's subscriptions, and the cost of a change in copied slots. */
class SubscribersTests {
    private static final Topic<String> TOPIC = Topic.of("topic", String.class);

    private final TopicTable table = new TopicTable(TopicTable.InterestListener.NONE, System::nanoTime);
    private Subscribers subscribers = Subscribers.NONE;

    /** The number of all copied slots. */
    private long copied;

    private LocalSubscription<?> inline() {
        return inline(message -> {});
    }

    private LocalSubscription<?> inline(Subscriber<String> subscriber) {
        return new InlineSubscription<>(table, TOPIC, subscriber);
    }

    private LocalSubscription<?> prompt(BooleanSupplier hasRoom, List<String> received) {
        return inline(new PromptSubscriber<String>() {
            @Override
            public boolean isPrompt() {
                return hasRoom.getAsBoolean();
            }

            @Override
            public boolean receiveNow(String message) {
                return hasRoom.getAsBoolean() && received.add(message);
            }

            @Override
            public void receive(String message) {
                throw new AssertionError("It may block.");
            }
        });
    }

    @Test
    void aMessageIsDeliveredNowToASingleSubscriberThatTakesIt() {
        List<String> received = new ArrayList<>();
        AtomicBoolean hasRoom = new AtomicBoolean(true);
        assertThat(subscribers.isPrompt()).as("without subscriptions").isTrue();
        assertThat(subscribers.deliverNow("to none")).isTrue();
        LocalSubscription<?> room = prompt(hasRoom::get, received);
        becomes(subscribers.with(room));
        assertThat(subscribers.isPrompt()).isTrue();
        assertThat(subscribers.deliverNow("1")).isTrue();
        for (LocalSubscription<?> other : List.of(inline(), mailbox(), prompt(() -> true, received))) {
            becomes(subscribers.with(other));
            assertThat(subscribers.isPrompt()).as("with another one").isFalse();
            assertThat(subscribers.deliverNow("2")).isFalse();
            becomes(subscribers.without(other));
        }
        hasRoom.set(false);
        assertThat(subscribers.isPrompt()).as("without room").isFalse();
        assertThat(subscribers.deliverNow("3")).isFalse();
        hasRoom.set(true);
        assertThat(subscribers.deliverNow("4")).isTrue();
        becomes(subscribers.without(room));
        becomes(subscribers.with(inline()));
        assertThat(subscribers.isPrompt()).as("of users").isFalse();
        assertThat(subscribers.deliverNow("5")).isFalse();
        assertThat(received).containsExactly("1", "4");
    }

    private LocalSubscription<?> mailbox() {
        return new MailboxSubscription<>(table, TOPIC, message -> {}, 1);
    }

    private void becomes(Subscribers next) {
        if (next != subscribers) {
            copied += subscribers.count();
            subscribers = next;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theOrderIsThatOfASimpleList(long seed) {
        var random = new Random(seed);
        List<LocalSubscription<?>> model = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            boolean grows = i / 500 % 2 == 0;
            if (random.nextInt(5) < (grows ? 3 : 2)) {
                boolean last = random.nextInt(3) > 0;
                LocalSubscription<?> added = last ? inline() : mailbox();
                model.add(last ? model.size() : 0, added);
                becomes(subscribers.with(added));
            } else if (!model.isEmpty()) {
                LocalSubscription<?> removed = model.remove(random.nextInt(model.size()));
                becomes(subscribers.without(removed));
                becomes(subscribers.without(removed));
            }
            assertThat(subscribers.all()).as("seed %d, change %d", seed, i).isEqualTo(model);
            assertThat(subscribers.count()).isEqualTo(model.size());
        }
    }

    @ParameterizedTest
    @CsvSource({"1000", "100000"})
    void subscribingCostsAConstantNumberOfCopiesForEachHoweverManyThereAre(int count) {
        for (int i = 0; i < count; i++) {
            becomes(subscribers.with(inline()));
        }
        assertThat(copied).isLessThan(3L * count);
    }

    @ParameterizedTest
    @CsvSource({"1000", "100000"})
    void subscribingOfBothKindsInTurnCostsAConstantNumberOfCopiesForEach(int count) {
        for (int i = 0; i < count; i++) {
            becomes(subscribers.with(i % 2 == 0 ? inline() : mailbox()));
        }
        assertThat(copied).isLessThan(6L * count);
    }

    @ParameterizedTest
    @CsvSource({"1000, 1", "1000, 999", "100000, 1", "100000, 99999"})
    void endingSubscriptionsInAnyOrderCostsAConstantNumberOfCopiesForEach(int count, int step) {
        List<LocalSubscription<?>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(inline());
            becomes(subscribers.with(all.getLast()));
        }
        copied = 0;
        for (int i = 0; i < count; i++) {
            becomes(subscribers.without(all.get((int) ((long) i * step % count))));
        }
        assertThat(subscribers.count()).isZero();
        assertThat(copied).isLessThan(3L * count);
    }

    @Test
    void subscribingAndClosingAmongManyCostsAConstantNumberOfCopiesForEach() {
        int lasting = 10_000;
        for (int i = 0; i < lasting; i++) {
            becomes(subscribers.with(inline()));
        }
        copied = 0;
        for (int i = 0; i < 10 * lasting; i++) {
            LocalSubscription<?> guest = i % 3 == 0 ? mailbox() : inline();
            becomes(subscribers.with(guest));
            becomes(subscribers.without(guest));
        }
        assertThat(copied).isLessThan(10L * 10 * lasting);
    }

    @Test
    void aWalkPassesFewEmptyPlaces() {
        List<LocalSubscription<?>> all = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            all.add(i % 2 == 0 ? inline() : mailbox());
            becomes(subscribers.with(all.getLast()));
        }
        while (all.size() > 1) {
            becomes(subscribers.without(all.removeFirst()));
            long bounds = subscribers.bounds;
            assertThat(Subscribers.to(bounds) - Subscribers.from(bounds)).isLessThanOrEqualTo(2 * all.size() + 1);
        }
    }

    @Test
    void aDeliveryThatHasBegunDoesNotReachSubscriptionsThatAreAdded() {
        List<String> reached = new ArrayList<>();
        becomes(subscribers.with(inline(message -> {
            reached.add("first");
            for (int i = 0; i < 100; i++) {
                becomes(subscribers.with(i % 2 == 0 ? inline(late -> reached.add("late")) : mailbox()));
            }
        })));
        becomes(subscribers.with(inline(message -> reached.add("second"))));
        // The third leaves a free slot at the end, where the first of the late ones goes.
        becomes(subscribers.with(inline(message -> reached.add("third"))));
        subscribers.deliver("hello");
        assertThat(reached).containsExactly("first", "second", "third");
    }
}
