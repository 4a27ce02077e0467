package io.heliodor.process.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RecipientsTests {
    private static final Peer ANA = new Peer("ana@host", 1);
    private static final Peer BEN = new Peer("ben@host", 2);
    private static final Peer EVE = new Peer("eve@host", 3);

    private static Stream<ProcessId> processes(Peer peer, long count) {
        return LongStream.rangeClosed(1, count).mapToObj(number -> new ProcessId(peer, number));
    }

    private static Recipients of(List<ProcessId> processes) {
        return Recipients.of(BEN, processes);
    }

    @Test
    void processesAreSortedByNode() {
        Recipients all = of(Stream.of(processes(ANA, 2), processes(BEN, 1), processes(EVE, 3))
                .flatMap(each -> each)
                .toList());
        assertThat(all.peers()).containsExactly(ANA, EVE);
        assertThat(all.numbers(0)).containsExactly(1, 2);
        assertThat(all.numbers(1)).containsExactly(1, 2, 3);
        assertThat(all.here()).containsExactly(new ProcessId(BEN, 1));
    }

    @Test
    void aNodeWithMoreProcessesThanTheLimitGetsSeveralEnvelopes() {
        Recipients all =
                of(processes(ANA, 2L * ProcessMessage.SendAll.MAX_PROCESSES + 1).toList());
        assertThat(all.peers()).containsExactly(ANA, ANA, ANA);
        assertThat(all.numbers(0)).hasSize(ProcessMessage.SendAll.MAX_PROCESSES);
        assertThat(all.numbers(2)).containsExactly(2L * ProcessMessage.SendAll.MAX_PROCESSES + 1);
    }

    @Test
    void theOwnNodeMayHaveAnyNumber() {
        assertThat(of(processes(BEN, 10_000).toList()).numbersHere()).hasSize(10_000);
    }

    @Test
    void oneProcessCanBeLeftOut() {
        Recipients all = of(Stream.of(processes(ANA, 1), processes(BEN, 2), processes(EVE, 2))
                .flatMap(each -> each)
                .toList());
        assertThat(all.without(new ProcessId(BEN, 1)).numbersHere()).containsExactly(2);
        assertThat(all.without(new ProcessId(EVE, 1)).numbers(1)).containsExactly(2);
        assertThat(all.without(new ProcessId(ANA, 1)).peers()).containsExactly(EVE);
        Recipients same = all.without(new ProcessId(ANA, 7));
        assertThat(same.peers()).containsExactly(ANA, EVE);
        assertThat(same.numbers(0)).containsExactly(1);
        assertThat(all.numbersHere()).containsExactly(1, 2);
    }
}
