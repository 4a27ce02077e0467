package io.heliodor.token;

import io.heliodor.gossip.Entry;
import io.heliodor.gossip.EntryFormat;
import io.heliodor.gossip.Gossip;
import io.heliodor.pubsub.PubSub;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Refuses tokens before their time is over: all of a subject that were signed up to a moment.
 *
 * <p>It is kept in memory: an application that must refuse tokens across restarts of all nodes keeps a list of its own and gives
 * it back by {@link #revoke(String, Instant)}, or changes the secret. At most 100 000 subjects are kept. Beyond that the earliest
 * revocations are forgotten, and every token signed before is refused, of all subjects: rather too many than one too few.
 *
 * <p>Any thread may use it; nothing here blocks.
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
     * For this JVM alone.
     *
     * @return revocations; none yet
     */
    public static Revocations local() {
        return new Revocations(Optional.empty(), InstantSource.system(), MAX_SUBJECTS);
    }

    /**
     * For all that share a pub/sub: all nodes of a cluster, with that of a node. A revocation reaches the other nodes at once, and
     * those that were cut off or start later when they are members, usually within milliseconds. It is in force as long as one node
     * of the cluster lives.
     *
     * @param pubsub carries them, in a scope of its own
     * @return revocations, soon those of the other nodes; to be closed before the pub/sub
     */
    public static Revocations over(PubSub pubsub) {
        return new Revocations(Optional.of(pubsub.scope("heliodor.tokens")), InstantSource.system(), MAX_SUBJECTS);
    }

    /**
     * Refuses all tokens of a subject that were signed until now. Those signed later hold. To end its connections as well,
     * disconnect its socket id. A node whose clock is ahead may have signed one that counts as later.
     *
     * @param subject as {@link Tokens.Builder#revocable} names it
     */
    public void revoke(String subject) {
        revoke(subject, clock.instant());
    }

    /**
     * Refuses all tokens of a subject that were signed up to a moment. It holds here when this returns.
     *
     * @param subject as {@link Tokens.Builder#revocable} names it
     * @param until the moment, to the millisecond; an earlier one than known before changes nothing
     */
    public void revoke(String subject, Instant until) {
        Entry entry = RevokedSubjects.entry(subject, until.toEpochMilli());
        gossip.ifPresentOrElse(all -> all.tell(entry), () -> subjects.merge(entry));
    }

    boolean refuses(String subject, long signedMillis) {
        return subjects.refuses(subject, signedMillis);
    }

    /** Forgets all, and hears of no more. */
    @Override
    public void close() {
        gossip.ifPresent(Gossip::close);
        subjects.clear();
    }
}
