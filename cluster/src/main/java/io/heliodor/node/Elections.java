package io.heliodor.node;

import io.heliodor.election.Election;
import io.heliodor.election.Election.Leader;
import io.heliodor.election.Election.Term;
import io.heliodor.link.Time;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** The elections of a node, whoever decides them. */
final class Elections {
    private static final int MAX_ELECTIONS = 10_000;

    /** How long a node that closes waits for its duties, all together. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

    private final Candidacies candidacies;
    private final Time time;
    private final ConcurrentHashMap<String, NodeElection> elections = new ConcurrentHashMap<>();

    /** What the table says; written on the loop. */
    private final ConcurrentHashMap<String, Leader> leaders = new ConcurrentHashMap<>();

    Elections(Candidacies candidacies, Time time) {
        this.candidacies = candidacies;
        this.time = time;
    }

    Election of(String name) {
        if (elections.size() >= MAX_ELECTIONS && !elections.containsKey(name)) {
            throw new IllegalStateException(
                    "A node takes part in at most " + MAX_ELECTIONS + " elections. Close some first.");
        }
        return elections.computeIfAbsent(name, unknown -> new NodeElection(name, this));
    }

    void campaign(String election) {
        candidacies.campaign(election);
    }

    void resign(String election) {
        candidacies.resign(election);
    }

    Optional<Leader> leader(String election) {
        return Optional.ofNullable(leaders.get(election));
    }

    void forget(NodeElection election) {
        elections.remove(election.name(), election);
    }

    // What the state wants; on the loop.

    void changed(String election, Optional<Leader> leader) {
        leader.ifPresentOrElse(now -> leaders.put(election, now), () -> leaders.remove(election));
    }

    void leading(String election, Term term) {
        NodeElection known = elections.get(election);
        if (known != null) {
            known.lead(term);
        }
    }

    void deposed(String election, Term term) {
        NodeElection known = elections.get(election);
        if (known != null) {
            known.depose(term);
        }
    }

    /** Time passes. */
    void tick(long now) {
        elections.values().forEach(election -> election.tick(now));
    }

    /** This node has slept so long that others may have gone on without it: no duty goes on until a view says so. */
    void presumeDead(long now) {
        elections.values().forEach(election -> election.suspend(now));
    }

    void close() {
        CompletableFuture<?>[] ends =
                elections.values().stream().map(NodeElection::endDuty).toArray(CompletableFuture<?>[]::new);
        await(CompletableFuture.allOf(ends), CLOSE_TIMEOUT);
        elections.values().forEach(NodeElection::forget);
    }

    /** Waits until duties have returned, but not longer than this. */
    void await(CompletableFuture<?> ends, Duration patience) {
        try {
            time.await(ends, patience.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
