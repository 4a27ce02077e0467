package io.heliodor.token;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Whose tokens are refused though their time is not over: all of a subject that were signed up to a moment.
 *
 * <p>It knows what it was told since its start, and forgets it when it is closed: an application that must refuse tokens
 * across restarts keeps its own list and tells it again by {@link #revoke(String, long)}, or changes the secret. It
 * remembers 100 000 subjects; beyond that the longest ago revoked ones are forgotten, and every token signed before is
 * refused, whoever's it is: rather too many than one too few.
 *
 * <p>Any thread may use it; nothing here blocks.
 */
public final class Revocations implements AutoCloseable {
    static final int MOST = 100_000;

    private static final Topic<String> REVOKED = Topic.of("revoked", String.class);

    private final InstantSource clock;
    private final int most;
    private final Optional<PubSub> pubsub;
    private @Nullable Subscription subscription;

    /** Until which millisecond tokens of a subject are refused. */
    private final Map<String, Long> untils = new ConcurrentHashMap<>();

    /** The same, longest ago first; guarded by itself. */
    private final LinkedHashMap<String, Long> order = new LinkedHashMap<>();

    /** Tokens up to here are refused, whoever's they are. */
    private volatile long floor = Long.MIN_VALUE;

    Revocations(Optional<PubSub> pubsub, InstantSource clock, int most) {
        this.pubsub = pubsub;
        this.clock = clock;
        this.most = most;
    }

    /**
     * For this JVM alone.
     *
     * @return an object that knows of none
     */
    public static Revocations local() {
        return new Revocations(Optional.empty(), InstantSource.system(), MOST);
    }

    /**
     * For all who share a pub/sub: all nodes of a cluster, with that of a node. A node hears what is revoked while it is a
     * member; one that starts later does not know it.
     *
     * @param pubsub carries them, in a scope of its own
     * @return an object that knows of none; to be closed before the pub/sub
     */
    public static Revocations over(PubSub pubsub) {
        PubSub scope = pubsub.scope("heliodor.tokens");
        Revocations shared = new Revocations(Optional.of(scope), InstantSource.system(), MOST);
        shared.subscription = scope.subscribeInline(REVOKED, shared::told);
        return shared;
    }

    /**
     * Refuses all tokens of a subject that were signed until now. Those signed later hold. To end its connections as well,
     * disconnect its socket id. A node whose clock is ahead may have signed one that counts as later.
     *
     * @param subject as {@link Tokens.Builder#revocable} names it
     */
    public void revoke(String subject) {
        revoke(subject, clock.millis());
    }

    /**
     * Refuses all tokens of a subject that were signed up to a moment.
     *
     * @param subject as {@link Tokens.Builder#revocable} names it
     * @param untilMillis the moment in milliseconds since 1970; an earlier one than known before changes nothing
     */
    public void revoke(String subject, long untilMillis) {
        if (pubsub.isPresent()) {
            // This node hears it as well, before the call returns.
            pubsub.get().broadcast(REVOKED, untilMillis + " " + subject);
        } else {
            enter(subject, untilMillis);
        }
    }

    private void told(String revoked) {
        int space = revoked.indexOf(' ');
        enter(revoked.substring(space + 1), Long.parseLong(revoked.substring(0, space)));
    }

    private void enter(String subject, long until) {
        synchronized (order) {
            Long known = untils.get(subject);
            if (until <= floor || (known != null && known >= until)) {
                return;
            }
            untils.put(subject, until);
            order.remove(subject);
            order.put(subject, until);
            if (order.size() > most) {
                Iterator<Map.Entry<String, Long>> oldest = order.entrySet().iterator();
                Map.Entry<String, Long> first = oldest.next();
                oldest.remove();
                // First the floor: in between a token must not be good.
                floor = Math.max(floor, first.getValue());
                untils.remove(first.getKey());
            }
        }
    }

    boolean refuses(String subject, long signedMillis) {
        Long until = untils.get(subject);
        return signedMillis <= floor || (until != null && signedMillis <= until);
    }

    /** Forgets all, and hears of no more. */
    @Override
    public void close() {
        Subscription open = subscription;
        if (open != null) {
            open.close();
        }
        synchronized (order) {
            order.clear();
            untils.clear();
        }
    }
}
