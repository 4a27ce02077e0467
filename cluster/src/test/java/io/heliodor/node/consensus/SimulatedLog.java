package io.heliodor.node.consensus;

import io.heliodor.binary.DecodeException;
import io.heliodor.link.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * The logs of some nodes, in one thread. A list stands for the entries that a majority agrees on. A seed decides the
 * faults: answers are lost, leaders are deposed, and replicas lag or restore snapshots. Commands may be committed long
 * after their callers got an unknown outcome.
 */
public final class SimulatedLog {
    /** The log of one node. */
    public final class At implements ConsensusLog {
        private final Peer self;
        private final StateMachine machine;
        private int given;
        private boolean cutOff;

        private At(Peer self, StateMachine machine) {
            this.self = self;
            this.machine = machine;
        }

        @Override
        public CompletableFuture<Outcome> append(byte[] command) {
            CompletableFuture<Outcome> future = new CompletableFuture<>();
            if (leader != this) {
                future.complete(new Outcome.Refused());
            } else {
                underWay.add(new UnderWay(this, command, future));
            }
            return future;
        }

        @Override
        public CompletableFuture<Outcome> read(byte[] query) {
            if (leader != this) {
                return CompletableFuture.completedFuture(new Outcome.Refused());
            }
            byte[] _ = catchUp(entries.size());
            try {
                return CompletableFuture.completedFuture(new Outcome.Committed(machine.index(), machine.read(query)));
            } catch (DecodeException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public Optional<Peer> leader() {
            return leader == null || cutOff ? Optional.empty() : Optional.of(leader.self);
        }

        @Override
        public boolean quorum() {
            return !cutOff;
        }

        /** Applies the next commands, or restores the snapshot of another node instead. */
        private byte[] catchUp(int upTo) {
            byte[] result = {};
            while (given < upTo) {
                At ahead = nodes.get(random.nextInt(nodes.size()));
                if (given + 1 < upTo && ahead.given > given && random.nextInt(10) == 0) {
                    try {
                        machine.restore(ahead.machine.snapshot());
                    } catch (DecodeException e) {
                        throw new AssertionError(e);
                    }
                    given = Math.min(ahead.given, upTo);
                    if (ahead.given > upTo) {
                        given = ahead.given;
                        return result;
                    }
                } else {
                    try {
                        result = machine.apply(indexes.get(given), entries.get(given));
                    } catch (DecodeException e) {
                        throw new AssertionError(e);
                    }
                    given++;
                }
            }
            return result;
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record UnderWay(At at, byte[] command, CompletableFuture<ConsensusLog.Outcome> future) {}

    private final Random random;
    private final List<At> nodes = new ArrayList<>();
    private final List<byte[]> entries = new ArrayList<>();
    private final List<Long> indexes = new ArrayList<>();
    private final List<UnderWay> underWay = new ArrayList<>();

    /** Commands that may still be committed, although no caller waits for them. */
    private final List<byte[]> lost = new ArrayList<>();

    private At leader;
    private long index;

    public SimulatedLog(Random random) {
        this.random = random;
    }

    public At join(Peer self, ConsensusLog.StateMachine machine) {
        At at = new At(self, machine);
        nodes.add(at);
        return at;
    }

    /** Runs one step. */
    public void step() {
        switch (random.nextInt(12)) {
            case 0 -> depose();
            case 1 -> elect();
            case 2 -> revive();
            case 3 -> {
                At at = nodes.get(random.nextInt(nodes.size()));
                at.cutOff = !at.cutOff && at != leader;
            }
            case 4, 5, 6 -> {
                At at = nodes.get(random.nextInt(nodes.size()));
                if (!at.cutOff) {
                    at.catchUp(at.given + random.nextInt(entries.size() - at.given + 1));
                }
            }
            default -> commit();
        }
    }

    /** Ends all faults, and commits and applies all commands. */
    public void settle() {
        nodes.forEach(node -> node.cutOff = false);
        if (leader == null) {
            elect();
        }
        while (!underWay.isEmpty()) {
            commit();
        }
        nodes.forEach(node -> node.catchUp(entries.size()));
    }

    private void depose() {
        leader = null;
        underWay.forEach(one -> {
            if (random.nextBoolean()) {
                lost.add(one.command());
            }
            one.future().complete(new ConsensusLog.Outcome.Unknown());
        });
        underWay.clear();
        nodes.forEach(node -> node.machine.leaderChanged(Optional.empty()));
    }

    private void elect() {
        if (leader == null) {
            List<At> able = nodes.stream().filter(node -> !node.cutOff).toList();
            if (!able.isEmpty()) {
                leader = able.get(random.nextInt(able.size()));
                index++; // the first entry of its term
                nodes.forEach(node -> node.machine.leaderChanged(node.leader()));
            }
        }
    }

    private void revive() {
        if (leader != null && !lost.isEmpty()) {
            add(lost.remove(random.nextInt(lost.size())));
        }
    }

    private void commit() {
        if (leader != null && !underWay.isEmpty()) {
            UnderWay next = underWay.removeFirst();
            add(next.command());
            byte[] result = next.at().catchUp(entries.size());
            boolean answered = next.at().given == entries.size() && random.nextInt(8) != 0;
            next.future()
                    .complete(
                            answered && result.length > 0
                                    ? new ConsensusLog.Outcome.Committed(index, result)
                                    : new ConsensusLog.Outcome.Unknown());
        }
    }

    private void add(byte[] command) {
        entries.add(command);
        indexes.add(++index);
    }
}
