package io.heliodor.node.election;

import io.heliodor.election.Election;
import io.heliodor.election.Election.Leader;
import io.heliodor.election.Election.Term;
import io.heliodor.link.Time;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The elections of a node, whether the coordinator decides them or the voters. */
public final class Elections {
    private static final int MAX_ELECTIONS = 10_000;

    /** How long a closing node waits for all of its duties. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

    private final Candidacies candidacies;
    private final Time time;
    private final ConcurrentHashMap<String, NodeElection> elections = new ConcurrentHashMap<>();

    /** The present leaders; written on the loop. */
    private final ConcurrentHashMap<String, Leader> leaders = new ConcurrentHashMap<>();

    public Elections(Candidacies candidacies, Time time) {
        this.candidacies = candidacies;
        this.time = time;
    }

    public Election of(String name) {
        if (elections.size() >= MAX_ELECTIONS && !elections.containsKey(name)) {
            throw new IllegalStateException(
                    "A node takes part in at most " + MAX_ELECTIONS + " elections. Close some first.");
        }
        return elections.computeIfAbsent(name, unknown -> new NodeElection(name, this));
    }

    public void campaign(String election) {
        candidacies.campaign(election);
    }

    public void resign(String election) {
        candidacies.resign(election);
    }

    public Optional<Leader> leader(String election) {
        return Optional.ofNullable(leaders.get(election));
    }

    /** The first names of the elections of this node and of those with a leader. */
    public List<String> names(int limit) {
        if (limit < 0) {
            throw new IllegalArgumentException("The limit is " + limit + "; it must be 0 or more.");
        }
        // A bounded set: a cluster may have 100 000 elections.
        TreeSet<String> first = new TreeSet<>();
        Stream.concat(elections.keySet().stream(), leaders.keySet().stream()).forEach(name -> {
            if (first.add(name) && first.size() > limit) {
                first.removeLast();
            }
        });
        return List.copyOf(first);
    }

    public void forget(NodeElection election) {
        elections.remove(election.name(), election);
    }

    // Decisions of the coordinator or the voters; on the loop.

    public void changed(String election, Optional<Leader> leader) {
        leader.ifPresentOrElse(now -> leaders.put(election, now), () -> leaders.remove(election));
    }

    public void leading(String election, Term term) {
        NodeElection known = elections.get(election);
        if (known != null) {
            known.lead(term);
        }
    }

    public void deposed(String election, Term term) {
        NodeElection known = elections.get(election);
        if (known != null) {
            known.depose(term);
        }
    }

    /** Time passed. */
    public void tick(long now) {
        elections.values().forEach(election -> election.tick(now));
    }

    /**
     * This node was frozen long enough to be excluded: all duties are suspended until a view that excludes it would have come. With
     * voters there is no such wait, since they are asked.
     */
    public void presumeDead(long now) {
        elections.values().forEach(election -> election.suspend(now));
    }

    public void close() {
        CompletableFuture<?>[] ends =
                elections.values().stream().map(NodeElection::endDuty).toArray(CompletableFuture<?>[]::new);
        await(CompletableFuture.allOf(ends), CLOSE_TIMEOUT);
        elections.values().forEach(NodeElection::forget);
    }

    /** Waits until duties have returned, up to a timeout. */
    public void await(CompletableFuture<?> ends, Duration patience) {
        try {
            time.await(ends, patience.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
