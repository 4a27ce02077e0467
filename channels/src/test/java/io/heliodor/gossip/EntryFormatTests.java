package io.heliodor.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class EntryFormatTests {
    /** The greatest number of each key. */
    private static final class Numbers implements Copy {
        private final TreeMap<String, Long> numbers = new TreeMap<>();

        @Override
        public void merge(Entry entry) {
            numbers.merge(entry.key(), entry.number(), Math::max);
        }

        @Override
        public Collection<Entry> after(String key) {
            return numbers.tailMap(key, false).entrySet().stream()
                    .map(each -> new Entry(each.getKey(), each.getValue()))
                    .toList();
        }

        @Override
        public long hash() {
            return numbers.hashCode();
        }
    }

    private final Numbers copy = new Numbers();
    private final Numbers other = new Numbers();

    @Test
    void anEntryIsReadAsItWasWritten() {
        EntryFormat format = new EntryFormat();
        Entry entry = new Entry("key \u20ac", -7);
        byte[] bytes = format.write(entry);
        assertThat(format.read(bytes)).contains(entry);
        for (int length = 0; length < bytes.length; length++) {
            assertThat(format.read(Arrays.copyOf(bytes, length))).isEmpty();
        }
    }

    @Test
    void equalCopiesExchangeNoEntry() throws IOException {
        copy.merge(new Entry("a", 1));
        other.merge(new Entry("a", 1));
        assertThat(EntryFormat.answer(copy, EntryFormat.question(other.hash(), "")))
                .hasSize(2);
    }

    @Test
    void aLongCopyGoesInParts() throws IOException {
        String filler = "x".repeat(1_000);
        for (int i = 0; i < 2_000; i++) {
            copy.merge(new Entry(i + filler, i));
        }
        int parts = 0;
        Optional<String> after = Optional.of("");
        while (after.isPresent()) {
            byte[] answer = EntryFormat.answer(copy, EntryFormat.question(other.hash(), after.get()));
            assertThat(answer).hasSizeLessThan(EntryFormat.MAX_ANSWER_BYTES + 2_000);
            after = EntryFormat.merge(answer, other);
            parts++;
        }
        assertThat(other.numbers).isEqualTo(copy.numbers);
        assertThat(parts).isEqualTo(4);
    }

    @Test
    void anAnswerThatCannotBeReadChangesNothing() throws IOException {
        copy.merge(new Entry("a", 1));
        copy.merge(new Entry("b", 2));
        byte[] answer = EntryFormat.answer(copy, EntryFormat.question(0, ""));
        for (int length = 0; length < answer.length; length++) {
            assertThat(EntryFormat.merge(Arrays.copyOf(answer, length), other)).isEmpty();
            assertThat(other.numbers).isEmpty();
        }
        answer[0] = 9;
        assertThat(EntryFormat.merge(answer, other)).isEmpty();
        assertThat(other.numbers).isEmpty();
    }

    @Test
    void aQuestionOfAnotherVersionHasNoAnswer() {
        byte[] question = EntryFormat.question(0, "");
        question[0] = 2;
        assertThatThrownBy(() -> EntryFormat.answer(copy, question)).isInstanceOf(IOException.class);
    }
}
