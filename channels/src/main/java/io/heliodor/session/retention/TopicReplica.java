package io.heliodor.session.retention;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.history.CatchUpRequest;
import io.heliodor.history.CatchUpResponse;
import io.heliodor.history.Dot;
import io.heliodor.history.ResumeToken;
import io.heliodor.history.VersionVector;
import io.heliodor.session.fanout.FastlaneTopic;
import io.heliodor.session.replication.CopyPlacement;
import io.heliodor.session.replication.KeptLog;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** The log of one topic for other nodes: what it requests from them, its responses, and its copy on one of them. Any thread may use it. */
final class TopicReplica implements KeptLog<KeptBroadcast> {
    private final KeptParts parts;
    private final FastlaneTopic topic;
    private final TopicHistory history;

    /** Drops messages beyond the limits of the endpoint. */
    private final Runnable trim;

    /** The copy of this log on another node. */
    @GuardedBy("topic")
    private final CopyPlacement copying = new CopyPlacement();

    TopicReplica(KeptParts parts, FastlaneTopic topic, TopicHistory history, Runnable trim) {
        this.parts = parts;
        this.topic = topic;
        this.history = history;
        this.trim = trim;
    }

    @Override
    public String name() {
        return topic.name();
    }

    @Override
    public Set<String> others() {
        return parts.others().others(topic.topic(), topic.isSubscribed());
    }

    /** Performs a step of the log unless the topic has ended, and requests ticks while the log waits for something. */
    private void step(Runnable step) {
        synchronized (topic) {
            if (!history.hasEnded()) {
                step.run();
                watch();
            }
        }
    }

    /** Reads the log; empty if the topic has ended. */
    <R> Optional<R> read(Function<TopicHistory, R> reading) {
        synchronized (topic) {
            return history.hasEnded() ? Optional.empty() : Optional.of(reading.apply(history));
        }
    }

    /** Begins the log. All new messages arrive here by now, and other logs have the rest. */
    void begin() {
        step(() -> history.begin(others(), parts.now()));
    }

    /** Requests ticks while the log waits for something. Under the topic's lock. */
    void watch() {
        if (!history.isQuiescent()) {
            parts.replicas().addWaiting(this);
        }
    }

    @Override
    public boolean keepsMessages() {
        return read(log -> !log.isEmpty()).orElse(false);
    }

    // Catching up.

    /** Whether a member has what this log lacks, and it may be had from another node. Under the topic's lock. */
    boolean isAhead(Optional<ResumeToken> since) {
        return since.filter(history::isAhead).isPresent()
                && (!parts.others().interestKnown().isDone() || !others().isEmpty());
    }

    /** Complete when this node has all that other nodes have, if a channel that is about to join has more than this one. */
    CompletableFuture<Void> caughtUp(Optional<ResumeToken> since) {
        synchronized (topic) {
            return history.hasEnded() || !isAhead(since) ? history.ready() : catchUp();
        }
    }

    /** Catches up unless it has all up to a position; whether it has that then. */
    CompletableFuture<Boolean> reach(VersionVector position) {
        synchronized (topic) {
            return history.hasEnded() || covers(position)
                    ? CompletableFuture.completedFuture(!history.hasEnded())
                    : catchUp().thenApply(_ -> covers(position));
        }
    }

    private boolean covers(VersionVector position) {
        return read(log -> log.covers(position)).orElse(false);
    }

    @GuardedBy("topic")
    private CompletableFuture<Void> catchUp() {
        CompletableFuture<Void> caughtUp = history.catchUp(others(), parts.now());
        watch();
        return caughtUp;
    }

    @Override
    public Optional<CatchUpRequest> request(Optional<Dot> after) {
        return read(log -> log.request(after));
    }

    @Override
    public Optional<CatchUpResponse<KeptBroadcast>> respond(CatchUpRequest request, int maxBytes) {
        return read(log -> log.respond(request, maxBytes, parts.now()));
    }

    @Override
    public void answered(String node, long round, CatchUpResponse<KeptBroadcast> answer) {
        topic.awaitCapacity();
        step(() -> history.answered(node, round, answer, parts.now()));
        trim.run();
    }

    @Override
    public void over(String node, long round, boolean responded) {
        step(() -> history.over(node, round, responded, parts.now()));
    }

    // Comparisons.

    @Override
    public void differs(String node) {
        step(() -> history.differs(node));
    }

    @Override
    public int hash() {
        return read(TopicHistory::hash).orElse(0);
    }

    @Override
    public boolean differsFrom(int hash) {
        return read(TopicHistory::hash).filter(own -> own != hash).isPresent();
    }

    @Override
    public boolean tick() {
        return read(log -> {
                    log.tick(others(), parts.now());
                    return log.isQuiescent();
                })
                .orElse(true);
    }

    // Copies.

    /** Requests a copy from another node if this is the only log, or the next request is due. */
    void copy(Set<String> others, long now) {
        synchronized (topic) {
            if (parts.topics().pubsub().spansNodes()
                    && !topic.lanes().isEmpty()
                    && !history.isEmpty()
                    && copying.isDue(parts.others().holders(topic.topic(), topic.isSubscribed()), others, now)) {
                parts.replicas().copy(this);
            }
        }
    }

    @Override
    public int copyAttempt() {
        synchronized (topic) {
            return copying.attempt();
        }
    }

    @Override
    public void copied(String node, CopyPlacement.Reply answer) {
        synchronized (topic) {
            if (!history.hasEnded()) {
                copying.completed(node, answer, history.age(), parts.now());
            }
        }
    }
}
