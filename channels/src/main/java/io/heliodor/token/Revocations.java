package io.heliodor.token;

import io.heliodor.gossip.Entry;
import io.heliodor.gossip.EntryFormat;
import io.heliodor.gossip.Gossip;
import io.heliodor.pubsub.PubSub;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;

/**
 * Revocations of tokens before their expiry: all tokens of a subject that were signed up to a time.
 *
 * <p>They are kept in memory. To refuse tokens across restarts of all nodes, an application keeps a list of its own and restores it by
 * {@link #revoke(String, Instant)}, or changes the secret. At most 100 000 subjects are kept. Beyond that the earliest revocations are
 * forgotten, and all tokens of all subjects that were signed before them are refused.
 *
 * <p>Any thread may use it; no method blocks.
 */
public final class Revocations implements AutoCloseable {
    static final int MAX_SUBJECTS = 100_000;

    private final InstantSource clock;
    private final RevokedSubjects subjects;
    private final Optional<Gossip<Entry>> gossip;

    Revocations(Optional<PubSub> scope, InstantSource clock, int maxSubjects) {
        this.clock = clock;
        this.subjects = new RevokedSubjects(maxSubjects);
        this.gossip = scope.map(pubsub -> new Gossip<>("revoked", pubsub, Entry.class, EntryFormat.FORMAT, subjects));
    }

    /**
     * Revocations for this JVM only.
     *
     * @return empty revocations
     */
    public static Revocations local() {
        return new Revocations(Optional.empty(), InstantSource.system(), MAX_SUBJECTS);
    }

    /**
     * Revocations that are shared by all nodes of a pub/sub. A revocation is sent to the other nodes at once. A node that was unreachable,
     * or starts later, gets it after it joined, usually within milliseconds. It is effective as long as one node of the cluster runs.
     *
     * @param pubsub the pub/sub, of which a scope is used
     * @return revocations, which the other nodes' ones soon follow; to be closed before the pub/sub
     */
    public static Revocations over(PubSub pubsub) {
        Objects.requireNonNull(pubsub, "pubsub");
        return new Revocations(Optional.of(pubsub.scope("heliodor.tokens")), InstantSource.system(), MAX_SUBJECTS);
    }

    /**
     * Revokes all tokens of a subject that were signed until now. Tokens signed later are valid. To end its connections as well,
     * disconnect its socket id. A token of a node whose clock is ahead may count as signed later.
     *
     * @param subject the subject, as returned by the function of {@link Tokens.Builder#revocable}
     */
    public void revoke(String subject) {
        Objects.requireNonNull(subject, "subject");
        revoke(subject, clock.instant());
    }

    /**
     * Revokes all tokens of a subject that were signed up to a time. It is effective on this node when this method returns.
     *
     * @param subject the subject, as returned by the function of {@link Tokens.Builder#revocable}
     * @param until the time, to the millisecond; an earlier one than before changes nothing
     */
    public void revoke(String subject, Instant until) {
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(until, "until");
        Entry entry = RevokedSubjects.entry(subject, until.toEpochMilli());
        gossip.ifPresentOrElse(all -> all.publish(entry), () -> subjects.merge(entry));
    }

    boolean refuses(String subject, long signedMillis) {
        return subjects.refuses(subject, signedMillis);
    }

    /** Forgets all revocations, and receives no more. */
    @Override
    public void close() {
        gossip.ifPresent(Gossip::close);
        subjects.clear();
    }
}
