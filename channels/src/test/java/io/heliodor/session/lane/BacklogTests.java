package io.heliodor.session.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BacklogTests {
    private final Backlog backlog = new Backlog();

    private List<Object> taken() {
        List<Object> taken = new ArrayList<>();
        while (!backlog.isEmpty()) {
            taken.add(backlog.first());
            backlog.remove();
        }
        return taken;
    }

    @Test
    void messagesWithoutAKeyKeepTheirOrder() {
        backlog.add("a");
        backlog.add("b");
        assertThat(taken()).containsExactly("a", "b");
    }

    @Test
    void aReplacementTakesThePlaceOfTheReplacedMessage() {
        backlog.add("a1", "a");
        backlog.add("b1", "b");
        assertThat(backlog.replace("a2", "a")).isEqualTo("a1");
        assertThat(backlog.replace("a3", "a")).isEqualTo("a2");
        assertThat(taken()).containsExactly("a3", "b1");
    }

    @Test
    void aReplacementOvertakesNoMessageWithoutAKey() {
        backlog.add("a1", "a");
        backlog.add("m");
        backlog.add("b1", "b");
        assertThat(backlog.replace("a2", "a")).isEqualTo("a1");
        assertThat(backlog.replace("b2", "b")).isEqualTo("b1");
        assertThat(backlog.replace("a3", "a")).isEqualTo("a2");
        assertThat(taken()).containsExactly("m", "b2", "a3");
    }

    @Test
    void nothingIsReplacedIfNoMessageOfTheKeyWaits() {
        assertThat(backlog.replace("a1", "a")).isNull();
        backlog.add("a1", "a");
        backlog.remove();
        assertThat(backlog.replace("a2", "a")).isNull();
        assertThat(backlog.isEmpty()).isTrue();
    }

    @Test
    void theNewestOfSeveralWaitingMessagesIsReplaced() {
        backlog.add("a1", "a");
        backlog.add("a2", "a");
        assertThat(backlog.replace("a3", "a")).isEqualTo("a2");
        backlog.remove();
        assertThat(backlog.replace("a4", "a")).isEqualTo("a3");
        assertThat(taken()).containsExactly("a4");
    }

    @Test
    void emptySlotsDoNotAccumulate() {
        backlog.add("first");
        backlog.add("a", "a");
        for (int i = 0; i < 10_000; i++) {
            backlog.add("m" + i);
            backlog.replace("a" + i, "a");
            backlog.remove();
            assertThat(backlog.size()).isLessThanOrEqualTo(40);
        }
        backlog.add("b", "b");
        for (int i = 0; i < 1_000; i++) {
            backlog.add("n" + i);
            for (String key : List.of("a", "b")) {
                backlog.replace(key + i, key);
            }
        }
        assertThat(backlog.all()).hasSize(1_003);
        assertThat(backlog.size()).isLessThan(2_100);
    }

    /** A message of the model; the key is empty for none. */
    private record Waiting(String message, String key) {}

    @Test
    void randomBacklogsEqualThoseOfAModel() {
        for (int seed = 0; seed < 300; seed++) {
            var random = new Random(seed);
            var model = new ArrayList<Waiting>();
            var tried = new Backlog();
            for (int step = 0; step < 400; step++) {
                String message = "m" + step;
                String key = "k" + random.nextInt(6);
                switch (random.nextInt(6)) {
                    case 0 -> {
                        tried.add(message);
                        model.add(new Waiting(message, ""));
                    }
                    case 1 -> {
                        tried.add(message, key);
                        model.add(new Waiting(message, key));
                    }
                    case 2, 3, 4 -> assertThat(tried.replace(message, key)).isEqualTo(replace(model, message, key));
                    default -> {
                        if (!model.isEmpty()) {
                            assertThat(tried.first()).isEqualTo(model.getFirst().message());
                            tried.remove();
                            model.removeFirst();
                        }
                    }
                }
                assertThat(tried.all())
                        .as("seed %d, step %d", seed, step)
                        .isEqualTo(model.stream().map(Waiting::message).toList());
                assertThat(tried.isEmpty()).isEqualTo(model.isEmpty());
            }
        }
    }

    private static Object replace(List<Waiting> model, String message, String key) {
        boolean othersBehind = false;
        for (int i = model.size() - 1; i >= 0; i--) {
            Waiting each = model.get(i);
            if (each.key().equals(key)) {
                if (othersBehind) {
                    model.remove(i);
                    model.add(new Waiting(message, key));
                } else {
                    model.set(i, new Waiting(message, key));
                }
                return each.message();
            }
            othersBehind |= each.key().isEmpty();
        }
        return null;
    }
}
