package io.heliodor.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** A value is read as it was written; all other bytes are refused, and never fail. */
class LogFormatTests {
    private final LogFormat<String> format = new LogFormat<>(
            text -> text.getBytes(StandardCharsets.UTF_8),
            bytes -> Optional.of(new String(bytes, StandardCharsets.UTF_8)).filter(text -> !text.contains("#")));

    private static Dot dot(Random random) {
        return new Dot(random.nextLong() >>> 16, random.nextInt(1, 1_000));
    }

    private static Message<String> message(Random random, Dot dot, boolean kept) {
        List<Dot> predecessors = new ArrayList<>();
        while (random.nextInt(3) > 0) {
            predecessors.add(dot(random));
        }
        return new Message<>(dot, kept, predecessors, "x\u20ac".repeat(random.nextInt(20)), random.nextLong() >>> 1);
    }

    private static Answer<String> answer(Random random) {
        List<Answer.Stream> streams = new ArrayList<>();
        List<Message<String>> messages = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            Dot dot = dot(random);
            streams.add(new Answer.Stream(
                    dot.stream(), dot.counter(), random.nextLong(dot.counter()), "node" + random.nextInt(9)));
            if (random.nextBoolean()) {
                messages.add(message(random, dot, true));
            }
        }
        return new Answer<>(streams, random.nextLong() >>> 16, messages, !messages.isEmpty() && random.nextBoolean());
    }

    private static Question question(Random random) {
        Position position = Position.NONE;
        for (int i = random.nextInt(6); i > 0; i--) {
            position = position.with(random.nextLong() >>> 16, random.nextInt(100));
        }
        Optional<Dot> after = random.nextBoolean() ? Optional.of(dot(random)) : Optional.empty();
        return new Question(random.nextLong() >>> 16, "node", position, after);
    }

    @Property(tries = 200)
    void aValueIsReadAsItWasWritten(@ForAll Random random) {
        Message<String> message = message(random, dot(random), random.nextBoolean());
        assertThat(format.message(format.message(message))).contains(message);
        Answer<String> answer = answer(random);
        assertThat(format.answer(format.answer(answer))).contains(answer);
        Question question = question(random);
        byte[] bytes = format.question(question);
        assertThat(format.question(bytes).map(format::question))
                .hasValueSatisfying(again -> assertThat(again).isEqualTo(bytes));
    }

    @Property(tries = 20)
    void aPartOfItIsRefused(@ForAll Random random) {
        byte[] answer = format.answer(answer(random));
        for (int length = 0; length < answer.length; length++) {
            assertThat(format.answer(Arrays.copyOf(answer, length))).isEmpty();
        }
        byte[] question = format.question(question(random));
        for (int length = 0; length < question.length; length++) {
            assertThat(format.question(Arrays.copyOf(question, length))).isEmpty();
        }
        assertThat(format.answer(Arrays.copyOf(answer, answer.length + 1))).isEmpty();
        assertThat(format.question(Arrays.copyOf(question, question.length + 1)))
                .isEmpty();
    }

    /** A peer of another version, or a broken one, must not end the thread that reads. */
    @Property(tries = 500)
    void damagedBytesAreRefusedOrAnotherValue(@ForAll Random random) {
        byte[] answer = format.answer(answer(random));
        byte[] question = format.question(question(random));
        byte[] message = format.message(message(random, dot(random), true));
        for (byte[] bytes : List.of(answer, question, message)) {
            for (int i = random.nextInt(4); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
        }
        format.answer(answer)
                .ifPresent(
                        read -> assertThat(format.answer(format.answer(read))).contains(read));
        assertThat(format.question(question).map(format::question)).satisfies(LogFormatTests::isNoLonger);
        format.message(message)
                .ifPresent(
                        read -> assertThat(format.message(format.message(read))).contains(read));
    }

    private static void isNoLonger(Optional<byte[]> question) {
        question.ifPresent(bytes -> assertThat(bytes).hasSizeLessThan(1_000));
    }

    @Property(tries = 20)
    void aContentThatCannotBeReadIsRefused(@ForAll Random random) {
        Message<String> message = new Message<>(dot(random), true, List.of(), "#", 0);
        assertThat(format.message(format.message(message))).isEmpty();
    }

    /** A log could not hold it: it knows no such stream. */
    @Property(tries = 20)
    void aMessageOfAStreamThatIsNotNamedIsRefused(@ForAll Random random) {
        Message<String> message = message(random, dot(random), true);
        Answer<String> answer = new Answer<>(List.of(), 1, List.of(message), false);
        assertThat(format.answer(format.answer(answer))).isEmpty();
    }
}
