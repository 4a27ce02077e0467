package io.heliodor.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class EntryFormatTests {
    @Test
    void anEntryIsReadAsItWasWritten() {
        EntryFormat format = EntryFormat.FORMAT;
        Entry entry = new Entry("key \u20ac", -7);
        byte[] bytes = format.write(entry);
        assertThat(format.read(bytes)).contains(entry);
        for (int length = 0; length < bytes.length; length++) {
            assertThat(format.read(Arrays.copyOf(bytes, length))).isEmpty();
        }
    }
}
