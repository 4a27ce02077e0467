package io.heliodor.link;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * The logs of some nodes, in one thread: what most of them agree on is a list here. From a seed it loses answers, lets a
 * command be committed long after its caller was told that this is unknown, deposes leaders, lets copies lag, and brings
 * copies by snapshot.
 */
public final class SimulatedLog {
    /** The log as one node sees it. */
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
        public CompletableFuture<Outcome> read(byte[] question) {
            if (leader != this) {
                return CompletableFuture.completedFuture(new Outcome.Refused());
            }
            byte[] _ = catchUp(entries.size());
            try {
                return CompletableFuture.completedFuture(
                        new Outcome.Committed(machine.index(), machine.read(question)));
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

        /** Takes the next commands, or a snapshot of another one in their place. */
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

    /** May be committed still, though nobody waits. */
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

    /** Something happens. */
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

    /** Everything comes to rest. */
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
                index++; // what it begins with
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
            boolean heard = next.at().given == entries.size() && random.nextInt(8) != 0;
            next.future()
                    .complete(
                            heard && result.length > 0
                                    ? new ConsensusLog.Outcome.Committed(index, result)
                                    : new ConsensusLog.Outcome.Unknown());
        }
    }

    private void add(byte[] command) {
        entries.add(command);
        indexes.add(++index);
    }
}
