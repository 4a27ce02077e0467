package io.heliodor.node;

import io.heliodor.link.Time;
import io.heliodor.membership.VoterList;
import io.heliodor.node.consensus.ConsensusService;
import io.heliodor.node.consensus.RaftClient;
import io.heliodor.protocol.VoterAnswer;
import io.heliodor.raft.Voters;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** The list of voters, as users see it. */
record ClusterVoters(Optional<ConsensusService> consensus, Time time) implements VoterList {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(100);

    @Override
    public List<String> nodes() {
        return some(Voters::nodes);
    }

    @Override
    public List<String> notVoting() {
        return some(Voters::withoutDirectory);
    }

    private List<String> some(Function<Voters, Set<String>> which) {
        return consensus
                .map(present -> List.copyOf(which.apply(present.raft().voters())))
                .orElse(List.of());
    }

    @Override
    public Changed add(String node) {
        Objects.requireNonNull(node, "node");
        return change(node, true);
    }

    @Override
    public Changed remove(String node) {
        Objects.requireNonNull(node, "node");
        return change(node, false);
    }

    private Changed change(String node, boolean adds) {
        String name = NodeName.of(node).toString();
        ConsensusService voting = consensus.orElseThrow(() -> new IllegalStateException(
                "This cluster has no voters: start its nodes with Node.Builder.voters(...)."));
        long deadline = time.nanos() + PATIENCE;
        boolean ready = true;
        while (true) {
            RaftClient.Result result = voting.client().change(name, adds, deadline - time.nanos());
            Changed changed = changed(result);
            if (!ready && changed instanceof Changed.NoQuorum) {
                return new Changed.NotReady(); // the last attempt had no time left
            }
            ready = !(changed instanceof Changed.NotReady);
            try {
                if (changed instanceof Changed.Ok) {
                    boolean _ = voting.raft().awaitListed(name, adds, deadline - time.nanos());
                }
                if (ready || deadline - time.nanos() < PAUSE) {
                    return changed;
                }
                time.await(new CompletableFuture<>(), PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return changed;
            }
        }
    }

    private static Changed changed(RaftClient.Result result) {
        return switch (result) {
            case RaftClient.Result.NoQuorum _ -> new Changed.NoQuorum();
            case RaftClient.Result.Answered(long _, VoterAnswer.Done _) -> new Changed.Ok();
            case RaftClient.Result.Answered(long _, VoterAnswer.NotReady _) -> new Changed.NotReady();
            case RaftClient.Result.Answered(long _, VoterAnswer.TooFew _) -> new Changed.TooFew();
            case RaftClient.Result.Answered _, RaftClient.Result.Unknown _ -> new Changed.Unknown();
        };
    }
}
