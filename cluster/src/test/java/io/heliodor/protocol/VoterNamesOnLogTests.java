package io.heliodor.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.binary.DecodeException;
import io.heliodor.link.Peer;
import io.heliodor.node.consensus.ConsensusLog;
import io.heliodor.node.consensus.SimulatedLog;
import io.heliodor.protocol.VoterCommand.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Names over a log that loses answers, repeats commands and changes its leader: a name has at most one owner. */
class VoterNamesOnLogTests {
    private static final String NAME = "name";

    /** The replica of the names on one node. */
    private static final class NamesReplica implements ConsensusLog.StateMachine {
        private VoterNames names = new VoterNames();

        @Override
        public byte[] apply(long index, byte[] command) throws DecodeException {
            return names.apply(index, command).answer();
        }

        @Override
        public long index() {
            return names.index();
        }

        @Override
        public byte[] read(byte[] query) throws DecodeException {
            return names.read(query).toBytes();
        }

        @Override
        public byte[] snapshot() {
            return names.snapshot();
        }

        @Override
        public void restore(byte[] snapshot) throws DecodeException {
            names = VoterNames.of(snapshot);
        }

        @Override
        public void leaderChanged(Optional<Peer> leader) {}
    }

    /** Registers and releases the name repeatedly, at any node; a request keeps its number until it is answered. */
    private static final class Taker {
        private final Peer self;
        private Request request;
        private CompletableFuture<ConsensusLog.Outcome> pending;
        private long number;
        private boolean holds;
        private int times;

        Taker(int id) {
            self = new Peer("n" + id, id);
            next(new VoterCommand.Register(NAME, 1));
        }

        private void next(VoterCommand command) {
            request = new Request(self, ++number, command);
            pending = CompletableFuture.completedFuture(new ConsensusLog.Outcome.Refused());
        }

        void step(SimulatedLog.At at, Random random) throws DecodeException {
            if (pending.isDone() && pending.join() instanceof ConsensusLog.Outcome.Committed(long _, byte[] result)) {
                answered(VoterAnswer.of(result));
            } else if (pending.isDone() || random.nextInt(10) == 0) {
                pending = at.append(request.toBytes());
            }
        }

        private void answered(VoterAnswer answer) {
            if (request.command() instanceof VoterCommand.Release) {
                assertThat(answer).isEqualTo(new VoterAnswer.Done());
                next(new VoterCommand.Register(NAME, 1));
            } else if (answer instanceof VoterAnswer.Done) {
                holds = true;
                times++;
            } else {
                next(new VoterCommand.Register(NAME, 1));
            }
        }

        void release() {
            holds = false;
            next(new VoterCommand.Release(NAME));
        }
    }

    @Test
    void aNameHasAtMostOneOwner() throws DecodeException {
        int times = 0;
        for (long seed = 1; seed <= 200; seed++) {
            Random random = new Random(seed);
            SimulatedLog log = new SimulatedLog(random);
            List<NamesReplica> replicas = new ArrayList<>();
            List<SimulatedLog.At> nodes = new ArrayList<>();
            List<Taker> takers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                replicas.add(new NamesReplica());
                nodes.add(log.join(new Peer("n" + i, i), replicas.get(i)));
                takers.add(new Taker(i));
            }
            for (int i = 0; i < 600; i++) {
                log.step();
                Taker taker = takers.get(random.nextInt(3));
                if (!taker.holds) {
                    taker.step(nodes.get(random.nextInt(3)), random);
                } else if (random.nextInt(4) == 0) {
                    taker.release();
                }
                assertThat(takers.stream().filter(one -> one.holds).count())
                        .as("seed %d, step %d", seed, i)
                        .isLessThanOrEqualTo(1);
            }
            log.settle();
            assertThat(replicas.get(1).names).as("seed %d", seed).isEqualTo(replicas.get(0).names);
            assertThat(replicas.get(2).names).as("seed %d", seed).isEqualTo(replicas.get(0).names);
            times += takers.stream().mapToInt(taker -> taker.times).sum();
        }
        assertThat(times).isGreaterThan(1_000);
    }
}
