package io.heliodor.raft;

import io.heliodor.raft.Raft.Refusal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How a leader changes the voters: one at a time, each by an entry (Ongaro's dissertation, 4.1), on request or because a
 * voter has another directory than before.
 *
 * <p>A change that its new majority cannot commit would stop the log, so that majority first replies to a heartbeat that
 * was sent after the request: a voter that ended a moment ago has replied to earlier ones.
 */
final class VoterChanges {
    /** For so long the leader waits for the new majority. */
    static final long WAIT_NANOS = Raft.ELECTION_NANOS;

    private record Requested(Voters next, long ticket, long round, long until) {}

    private final Leadership leading;
    private final ReplicatedLog log;
    private final String self;
    private final String directory;
    private @Nullable Requested requested;

    /**
     * The changes of one term.
     *
     * @param self the leader
     * @param directory its directory
     */
    VoterChanges(Leadership leading, ReplicatedLog log, String self, String directory) {
        this.leading = leading;
        this.log = log;
        this.self = self;
        this.directory = directory;
    }

    Optional<Refusal> add(String node, long ticket, long commitIndex, long now) {
        Voters voters = log.voters();
        boolean votes = voters.has(node) && !voters.withoutDirectory().contains(node);
        // A voter without a directory is named without a request, when it has caught up.
        Optional<String> found = voters.has(node) ? Optional.empty() : caughtUp(node, commitIndex);
        Refusal otherwise = votes ? Refusal.NO_CHANGE : Refusal.NOT_CAUGHT_UP;
        return change(found.map(next -> voters.with(node, next)), otherwise, ticket, commitIndex, now);
    }

    Optional<Refusal> remove(String node, long ticket, long commitIndex, long now) {
        Voters voters = log.voters();
        Refusal otherwise = voters.has(node) ? Refusal.LAST : Refusal.NO_CHANGE;
        boolean possible = voters.has(node) && voters.nodes().size() > 1;
        Optional<Voters> next = possible ? Optional.of(voters.without(node)) : Optional.empty();
        return change(next, otherwise, ticket, commitIndex, now);
    }

    private Optional<Refusal> change(
            Optional<Voters> next, Refusal otherwise, long ticket, long commitIndex, long now) {
        Optional<Refusal> refusal = refused(commitIndex, now);
        if (refusal.isPresent()) {
            return refusal;
        }
        if (next.isEmpty()) {
            return Optional.of(otherwise);
        }
        requested = new Requested(next.get(), ticket, leading.nextRound(), now + WAIT_NANOS);
        return Optional.empty();
    }

    /**
     * Makes the requested change when its majority has replied.
     *
     * @return the ticket of a request whose majority did not reply in time
     */
    OptionalLong perform(long now) {
        Requested waiting = requested;
        if (waiting == null) {
            return OptionalLong.empty();
        }
        if (leading.confirms(waiting.next(), waiting.round())) {
            requested = null;
            leading.change(waiting.next(), OptionalLong.of(waiting.ticket()));
        } else if (now >= waiting.until()) {
            requested = null;
            return OptionalLong.of(waiting.ticket());
        }
        return OptionalLong.empty();
    }

    /** The ticket of the request that waits. */
    OptionalLong waiting() {
        return requested == null ? OptionalLong.empty() : OptionalLong.of(requested.ticket());
    }

    /** Why no change is taken now. */
    private Optional<Refusal> refused(long commitIndex, long now) {
        if (commitIndex < leading.first()) {
            return Optional.of(Refusal.NOT_LEADING);
        }
        // A voter that can have its vote gets it first: the others may be no majority any more after the change.
        return requested != null
                        || log.votersIndex() > commitIndex
                        || next(commitIndex, now).isPresent()
                ? Optional.of(Refusal.CHANGING)
                : Optional.empty();
    }

    /** Makes the next step of a voter with another directory than before, or with its first one. */
    void readmit(long commitIndex, long now) {
        if (requested == null && commitIndex >= leading.first() && log.votersIndex() <= commitIndex) {
            next(commitIndex, now).ifPresent(voters -> leading.change(voters, OptionalLong.empty()));
        }
    }

    private Optional<Voters> next(long commitIndex, long now) {
        for (Map.Entry<String, String> voter : log.voters().directories().entrySet()) {
            Optional<Voters> next = next(voter.getKey(), voter.getValue(), commitIndex)
                    .filter(voters -> leading.supports(voters, now, Raft.ELECTION_NANOS));
            if (next.isPresent()) {
                return next;
            }
        }
        return Optional.empty();
    }

    private Optional<Voters> next(String node, String listed, long commitIndex) {
        List<String> present = leading.ofName(node)
                .map(Progress::directory)
                .filter(each -> !each.isEmpty())
                .toList();
        boolean itself = node.equals(self) && listed.equals(directory);
        if (itself || present.isEmpty() || present.contains(listed)) {
            return Optional.empty();
        }
        return listed.isEmpty()
                ? caughtUp(node, commitIndex).map(found -> log.voters().with(node, found))
                : Optional.of(log.voters().with(node, ""));
    }

    /** The directory of a member that has all that is committed. */
    private Optional<String> caughtUp(String node, long commitIndex) {
        return leading.ofName(node)
                .filter(progress -> progress.matchIndex() >= commitIndex)
                .map(Progress::directory)
                .filter(each -> !each.isEmpty())
                .findFirst();
    }
}
