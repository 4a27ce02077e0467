package io.heliodor.benchmarks.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.benchmarks.cluster.Incoming.Received;
import io.heliodor.benchmarks.cluster.MessageHeader.Kind;
import org.junit.jupiter.api.Test;

class IncomingTests {
    private final Incoming incoming = new Incoming(16);
    private long now = 1_000;

    private boolean comes(Kind kind, int trial, long number) {
        now += 100;
        return incoming.take(new MessageHeader(kind, 0, trial, number), now);
    }

    @Test
    void messagesAfterTheMarkAreCounted() throws Exception {
        comes(Kind.DATA, 1, 0);
        comes(Kind.BEGIN, 1, 1);
        comes(Kind.DATA, 1, 2);
        comes(Kind.DATA, 1, 3);
        comes(Kind.END, 1, 4);
        assertThat(incoming.await(1)).isEqualTo(new Received(3, 300, 0));
    }

    @Test
    void theNextTrialBeginsAnew() throws Exception {
        comes(Kind.BEGIN, 1, 0);
        comes(Kind.END, 1, 1);
        comes(Kind.BEGIN, 2, 0);
        comes(Kind.DATA, 2, 1);
        comes(Kind.END, 2, 2);
        assertThat(incoming.await(2)).isEqualTo(new Received(2, 200, 0));
    }

    @Test
    void aRepeatedMessageIsAFault() throws Exception {
        comes(Kind.BEGIN, 1, 0);
        comes(Kind.DATA, 1, 1);
        comes(Kind.DATA, 1, 1);
        comes(Kind.END, 1, 2);
        assertThat(incoming.await(1)).isEqualTo(new Received(2, 300, 1));
    }

    @Test
    void aMessageAfterTheEndIsAFault() throws Exception {
        comes(Kind.BEGIN, 1, 0);
        comes(Kind.END, 1, 1);
        comes(Kind.DATA, 1, 2);
        assertThat(incoming.await(1).faults()).isEqualTo(1);
    }

    @Test
    void messagesAfterAGapAreNotCounted() {
        comes(Kind.BEGIN, 1, 0);
        comes(Kind.DATA, 1, 2);
        comes(Kind.DATA, 1, 3);
        assertThat(incoming.next()).isEqualTo(1);
    }

    @Test
    void everyEighthOfAWindowAndTheEndAreAcknowledged() {
        assertThat(comes(Kind.DATA, 1, 0)).isFalse();
        assertThat(comes(Kind.DATA, 1, 1)).isTrue();
        assertThat(comes(Kind.DATA, 1, 2)).isFalse();
        assertThat(comes(Kind.DATA, 1, 3)).isTrue();
        assertThat(comes(Kind.END, 1, 4)).isTrue();
    }

    @Test
    void aNoteIsReadAsItWasWritten() {
        MessageHeader note = new MessageHeader(Kind.REQUEST, 2, 300, 4_000_000_000L);
        assertThat(MessageHeader.of(note.toBytes(MessageHeader.BYTES), 0, MessageHeader.BYTES))
                .isEqualTo(note);
        byte[] longer = new byte[100];
        System.arraycopy(note.toBytes(50), 0, longer, 30, 50);
        assertThat(MessageHeader.of(longer, 30, 50)).isEqualTo(note);
    }
}
