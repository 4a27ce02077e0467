package io.heliodor.node.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The simulated log keeps the contract, and the contract reports violations. */
class SimulatedLogTests {
    /** Keeps all commands. */
    private static final class Given implements ConsensusLog.StateMachine {
        private final String node;
        private final LogContract contract;
        private List<String> commands = new ArrayList<>();

        Given(String node, LogContract contract) {
            this.node = node;
            this.contract = contract;
        }

        @Override
        public byte[] apply(long index, byte[] bytes) {
            String command = new String(bytes, StandardCharsets.UTF_8);
            contract.applied(node, index, command);
            commands.add(command);
            return bytes;
        }

        @Override
        public long index() {
            return commands.size();
        }

        @Override
        public byte[] read(byte[] query) {
            return query;
        }

        @Override
        public byte[] snapshot() {
            return String.join(",", commands).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public void restore(byte[] snapshot) {
            contract.restored(node);
            commands = new ArrayList<>(List.of(new String(snapshot, StandardCharsets.UTF_8).split(",")));
        }

        @Override
        public void leaderChanged(Optional<Peer> leader) {}
    }

    @Test
    void theContractHoldsInEveryHistory() {
        int committed = 0;
        for (long seed = 1; seed <= 300; seed++) {
            Random random = new Random(seed);
            LogContract contract = new LogContract();
            SimulatedLog log = new SimulatedLog(random);
            List<Given> replicas = new ArrayList<>();
            List<SimulatedLog.At> nodes = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Given given = new Given("n" + i, contract);
                replicas.add(given);
                nodes.add(log.join(new Peer("n" + i, i), given));
            }
            for (int i = 0; i < 200; i++) {
                String command = "c" + i;
                contract.appending(command);
                var _ = nodes.get(random.nextInt(3))
                        .append(command.getBytes(StandardCharsets.UTF_8))
                        .thenAccept(outcome -> contract.completed(command, outcome));
                log.step();
                log.step();
            }
            log.settle();
            assertThat(contract.violations()).as("seed %d", seed).isEmpty();
            assertThat(replicas.get(1).commands).as("seed %d", seed).isEqualTo(replicas.get(0).commands);
            assertThat(replicas.get(2).commands).as("seed %d", seed).isEqualTo(replicas.get(0).commands);
            committed += contract.committed();
        }
        assertThat(committed).isGreaterThan(1_000);
    }

    @Test
    void theContractReportsEachViolation() {
        LogContract contract = new LogContract();
        for (String command : List.of("a", "b", "c", "d")) {
            contract.appending(command);
        }
        contract.applied("n", 1, "a");
        contract.applied("m", 1, "b");
        contract.applied("n", 1, "a");
        contract.completed("c", new ConsensusLog.Outcome.Committed(1, new byte[0]));
        contract.completed("d", new ConsensusLog.Outcome.Refused());
        contract.applied("n", 2, "d");
        contract.applied("n", 3, "stranger");
        contract.appending("e");
        contract.completed("e", new ConsensusLog.Outcome.Committed(1, new byte[0]));
        assertThat(contract.violations())
                .hasSizeGreaterThanOrEqualTo(6)
                .anySatisfy(violation -> assertThat(violation).contains("m has b at 1, where a was"))
                .anySatisfy(violation -> assertThat(violation).contains("n was given 1 after 1"))
                .anySatisfy(violation -> assertThat(violation).contains("its caller has c at 1"))
                .anySatisfy(violation -> assertThat(violation).contains("d was refused, and is at 2"))
                .anySatisfy(violation -> assertThat(violation).contains("nobody has appended stranger"))
                .anySatisfy(violation -> assertThat(violation).contains("e is at 1, but something before it is at 1"));
    }
}
