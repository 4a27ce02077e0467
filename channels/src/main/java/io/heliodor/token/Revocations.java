package io.heliodor.token;

import io.heliodor.gossip.EntryFormat;
import io.heliodor.gossip.Gossip;
import io.heliodor.gossip.GossipEntry;
import io.heliodor.pubsub.PubSub;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Revocations of tokens before their expiry: all tokens of a subject that were signed up to a time.
 *
 * <p>They are kept in memory, each until all tokens that it concerns have expired. To refuse tokens across restarts of all nodes, an
 * application keeps a list of its own and restores it by {@link #revoke(String, Instant)}, or changes the secret. At most 100 000 subjects
 * are revoked at a time, with 16 Mi characters together. Beyond that the revocation of another subject is refused, and the existing
 * ones stay.
 *
 * <p>Any thread may use it; no method blocks.
 */
public final class Revocations implements AutoCloseable {
    static final int MAX_SUBJECTS = 100_000;

    /** Of all subjects together: 160 for each of {@link #MAX_SUBJECTS}, up to 32 MiB of heap. */
    static final int MAX_CHARACTERS = 16 << 20;

    private static final int SHOWN = 40;

    /** The supported difference between the wall clocks of nodes. */
    static final Duration CLOCK_DIFFERENCE = Duration.ofSeconds(10);

    private final InstantSource clock;
    private final Duration clockDifference;
    private final Duration maxValidity;
    private final int maxSubjects;
    private final int maxCharacters;
    private final RevokedSubjects subjects;
    private final Optional<Gossip<GossipEntry>> gossip;
    private final AtomicLong refused = new AtomicLong();

    Revocations(
            Optional<PubSub> scope,
            InstantSource clock,
            Duration clockDifference,
            Duration maxValidity,
            int maxSubjects,
            int maxCharacters) {
        this.clock = clock;
        this.clockDifference = clockDifference;
        this.maxValidity = Tokens.checked(maxValidity);
        this.maxSubjects = maxSubjects;
        this.maxCharacters = maxCharacters;
        this.subjects = new RevokedSubjects(clock::millis, clockDifference.toMillis(), maxValidity.toMillis());
        this.gossip =
                scope.map(pubsub -> new Gossip<>("revoked", pubsub, GossipEntry.class, EntryFormat.FORMAT, subjects));
    }

    /**
     * Revocations for this JVM only, of tokens of any validity.
     *
     * @return empty revocations
     */
    public static Revocations local() {
        return local(Tokens.MAX_VALIDITY);
    }

    /**
     * Revocations for this JVM only.
     *
     * @param maxValidity the maximum validity of the tokens: more than 0, at most 3 650 days. See {@link #over(PubSub, Duration)}
     * @return empty revocations
     * @throws IllegalArgumentException if it is out of range
     */
    public static Revocations local(Duration maxValidity) {
        Objects.requireNonNull(maxValidity, "maxValidity");
        return new Revocations(
                Optional.empty(), InstantSource.system(), Duration.ZERO, maxValidity, MAX_SUBJECTS, MAX_CHARACTERS);
    }

    /**
     * Revocations that are shared by all nodes of a pub/sub, of tokens of any validity. Thus each is kept for 3 650 days. Prefer
     * {@link #over(PubSub, Duration)}.
     *
     * @param pubsub the pub/sub, of which a scope is used
     * @return revocations, which the other nodes' ones soon follow; to be closed before the pub/sub
     */
    public static Revocations over(PubSub pubsub) {
        Objects.requireNonNull(pubsub, "pubsub");
        return over(pubsub, Tokens.MAX_VALIDITY);
    }

    /**
     * Revocations that are shared by all nodes of a pub/sub. A revocation is sent to the other nodes at once. A node that was unreachable,
     * or starts later, gets it after it joined, usually within milliseconds. It is effective as long as one node of the cluster runs.
     *
     * <p>Tokens that are {@linkplain Tokens.Builder#revocable revocable} by it expire this long after they were signed, even if they were
     * signed for longer. So a revocation ends this long after its time, and makes room for others.
     *
     * @param pubsub the pub/sub, of which a scope is used
     * @param maxValidity the maximum validity of the tokens, the same on all nodes: more than 0, at most 3 650 days
     * @return revocations, which the other nodes' ones soon follow; to be closed before the pub/sub
     * @throws IllegalArgumentException if it is out of range
     */
    public static Revocations over(PubSub pubsub, Duration maxValidity) {
        Objects.requireNonNull(pubsub, "pubsub");
        Objects.requireNonNull(maxValidity, "maxValidity");
        return new Revocations(
                Optional.of(pubsub.scope("heliodor.tokens")),
                InstantSource.system(),
                pubsub.spansNodes() ? CLOCK_DIFFERENCE : Duration.ZERO,
                maxValidity,
                MAX_SUBJECTS,
                MAX_CHARACTERS);
    }

    /**
     * Revokes all tokens of a subject that were signed until now. Tokens signed later are valid. To end its connections as well,
     * disconnect its socket id.
     *
     * <p>The clocks of nodes may differ by less than 10 s. A revocation over several nodes has a time 10 s ahead, so it covers the
     * tokens of a node whose clock is ahead. Tokens that are signed with these revocations, after they received it, get a later time.
     * Tokens that a program without them signs in these 10 s are refused.
     *
     * @param subject the subject, as returned by the function of {@link Tokens.Builder#revocable}; at most 8 192 characters, the maximum
     *     length of a token
     * @throws IllegalArgumentException if the subject is longer
     * @throws IllegalStateException if 100 000 other subjects are revoked, or others with too many characters together
     */
    public void revoke(String subject) {
        check(subject);
        publish(
                subject,
                signingTime(subject, clock.instant().plus(clockDifference).toEpochMilli()));
    }

    /**
     * Revokes all tokens of a subject that were signed up to a time. It is effective on this node when this method returns. Over several
     * nodes a time within the next 20 s counts as now for tokens that are signed after the revocation was received.
     *
     * @param subject the subject, as returned by the function of {@link Tokens.Builder#revocable}; at most 8 192 characters, the maximum
     *     length of a token
     * @param until the time, to the millisecond, at most 3 650 days from now, which is the longest validity of a token. A time before that
     *     of an earlier call changes nothing, and neither does one whose tokens have all expired
     * @throws IllegalArgumentException if the subject is longer, or the time is more than 3 650 days from now
     * @throws IllegalStateException if 100 000 other subjects are revoked, or others with too many characters together
     */
    public void revoke(String subject, Instant until) {
        check(subject);
        Objects.requireNonNull(until, "until");
        Instant now = clock.instant();
        if (until.isAfter(now.plus(Tokens.MAX_VALIDITY))) {
            throw new IllegalArgumentException(
                    "The tokens of '" + subject + "' are revoked until at most 3650 days from now,"
                            + " the longest validity of a token, not until " + until + ".");
        }
        if (until.isAfter(now.minus(Tokens.MAX_VALIDITY))) {
            publish(subject, until.toEpochMilli());
        }
    }

    private static void check(String subject) {
        Objects.requireNonNull(subject, "subject");
        if (subject.length() > Tokens.MAX_CHARACTERS) {
            throw new IllegalArgumentException("A subject has at most " + Tokens.MAX_CHARACTERS
                    + " characters, the maximum of a token, not " + subject.length() + ": '"
                    + subject.substring(0, SHOWN) + "...'. Revoke the tokens by a key of the user.");
        }
    }

    private void publish(String subject, long until) {
        if (subjects.hasEnded(until)) {
            return;
        }
        GossipEntry entry = RevokedSubjects.entry(subject, until);
        if (!subjects.add(entry, maxSubjects, maxCharacters)) {
            refused.incrementAndGet();
            throw new IllegalStateException(
                    "The tokens of '" + subject + "' are not revoked: " + subjects.size()
                            + " other subjects are. The maximum is " + maxSubjects + " subjects, and " + maxCharacters
                            + " characters of all together. A revocation ends " + maxValidity
                            + " after its time; a shorter validity of tokens ends it earlier, and another secret ends all tokens.");
        }
        gossip.ifPresent(all -> all.publish(entry));
    }

    boolean refuses(String subject, long signedMillis) {
        return subjects.refuses(subject, signedMillis);
    }

    /** The time of a token that is signed at a time: see {@link RevokedSubjects#signingTime}. */
    long signingTime(String subject, long millis) {
        return subjects.signingTime(subject, millis);
    }

    Duration maxValidity() {
        return maxValidity;
    }

    /**
     * The number of revoked subjects whose tokens may not have expired.
     *
     * @return 0 to 100 000; more if several nodes that did not reach each other made them
     */
    public int size() {
        return subjects.size();
    }

    /**
     * The number of revocations that were refused, because too many other subjects were revoked.
     *
     * @return a number that never falls
     */
    public long refused() {
        return refused.get();
    }

    /** Forgets all revocations, and receives no more. */
    @Override
    public void close() {
        gossip.ifPresent(Gossip::close);
        subjects.clear();
    }
}
