package io.heliodor.playground.node;

import io.heliodor.election.Election;
import io.heliodor.node.Node;
import io.heliodor.playground.node.Result.Done;
import io.heliodor.playground.node.ShellNode.Leadership;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** The elections in which a shell stands, and the leaders that its node knows. */
final class ShellElections {
    private final Node node;
    private final Consumer<ShellEvent> events;
    private final Map<String, Election> campaigns = new ConcurrentHashMap<>();

    ShellElections(Node node, Consumer<ShellEvent> events) {
        this.node = node;
        this.events = events;
    }

    Result<Done> campaign(String election) {
        try {
            campaigns.computeIfAbsent(election, this::begin);
            return Result.done();
        } catch (IllegalArgumentException e) {
            return Result.failed(ErrorCode.BAD_NAME, String.valueOf(e.getMessage()));
        }
    }

    private Election begin(String election) {
        return node.election(election).whileLeading(term -> {
            events.accept(new ShellEvent.Leading(election, term));
            try {
                new CountDownLatch(1).await();
            } finally {
                events.accept(new ShellEvent.Lost(election, term));
            }
        });
    }

    Result<Done> resign(String election) {
        Election campaign = campaigns.remove(election);
        if (campaign != null) {
            campaign.close();
        }
        return Result.done();
    }

    Result<Leadership> leader(String name) {
        try {
            Election election = node.election(name);
            Optional<Election.Leader> leader = election.leader();
            return Result.ok(new Leadership(
                    leader.map(Election.Leader::node), leader.map(Election.Leader::term), election.leading()));
        } catch (IllegalArgumentException e) {
            return Result.failed(ErrorCode.BAD_NAME, String.valueOf(e.getMessage()));
        }
    }
}
