package io.heliodor.jwt;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keys that are fetched when a token needs them, by one thread at a time. Others wait for it, unless the cache has their key.
 *
 * <p>Keys are cached. A token with an unknown key is refused only if a fetch that began after it came did not have the key, since the issuer
 * may have published it a moment before. Fetches are limited, so such a token may have to wait for the next one; the number of those that wait
 * is limited as well. A fetch that fails is repeated once, and then the keys before it stay in use.
 */
final class RemoteKeys implements KeySource {
    static final Duration CACHED = Duration.ofMinutes(5);
    static final Duration OUTAGE = Duration.ofHours(1);

    /** The mean time between fetches. After a pause of two intervals, two may follow each other at once. */
    static final Duration INTERVAL = Duration.ofSeconds(5);

    static final int BURST = 2;
    static final int MAX_WAITING = 256;

    /** More than the time of a fetch: two documents, twice. */
    private static final Duration FETCH = Duration.ofSeconds(10);

    /** Lets a thread wait. */
    interface Pause {
        void await(long nanos) throws InterruptedException;
    }

    private final PublishedKeys published;
    private final LongSupplier nanos;
    private final Pause pause;
    private final Semaphore waiting;
    private final ReentrantLock fetching = new ReentrantLock();

    /** Null before the first fetch that succeeds. Written under the lock. */
    private volatile @Nullable Fetched latest;

    /** Why the last fetch failed; null if it did not. */
    @GuardedBy("fetching")
    private @Nullable KeySourceException failure;

    /** The time at which a whole burst is permitted again. */
    @GuardedBy("fetching")
    private long rested;

    /** The number of the last fetch that has begun. Written under the lock. */
    private volatile long fetches;

    private record Fetched(KeySet keys, long fetch, long began, long until) {}

    /**
     * Keys that are not fetched yet.
     *
     * @param nanos a monotonic clock
     * @param maxWaiting the maximum number of tokens that wait for a fetch to be permitted
     */
    RemoteKeys(PublishedKeys published, LongSupplier nanos, Pause pause, int maxWaiting) {
        this.published = published;
        this.nanos = nanos;
        this.pause = pause;
        this.waiting = new Semaphore(maxWaiting);
        this.rested = nanos.getAsLong();
    }

    @Override
    public Set<JWSAlgorithm> algorithms() {
        return VerificationKey.PUBLIC;
    }

    @Override
    public List<VerificationKey> find(JWSHeader header) throws KeySourceException {
        long seen = fetches;
        long now = nanos.getAsLong();
        Fetched keys = latest;
        if (keys == null || now - keys.until >= 0) {
            keys = renew(now);
        }
        List<VerificationKey> found = keys.keys.find(header);
        return found.isEmpty() && header.getKeyID() != null && keys.fetch <= seen
                ? after(seen).keys.find(header)
                : found;
    }

    /** The keys after the time of the cache. */
    private Fetched renew(long now) throws KeySourceException {
        lock();
        try {
            Fetched keys = latest;
            if (keys != null && now - keys.until < 0) {
                return keys;
            }
            if (permittedIn() <= 0) {
                fetch();
            }
            return keysOrFailure();
        } finally {
            fetching.unlock();
        }
    }

    /** The keys of a fetch after the one of this number. Waits until one is permitted. */
    private Fetched after(long fetch) throws KeySourceException {
        boolean isWaiting = false;
        try {
            while (true) {
                long wait;
                lock();
                try {
                    if (fetches <= fetch && permittedIn() <= 0) {
                        fetch();
                    }
                    if (fetches > fetch) {
                        if (failure != null) {
                            throw failure;
                        }
                        return keysOrFailure();
                    }
                    wait = permittedIn();
                } finally {
                    fetching.unlock();
                }
                isWaiting = isWaiting || waiting.tryAcquire();
                if (!isWaiting) {
                    throw new KeySourceException("too many tokens wait for the next fetch of the keys");
                }
                pause.await(wait);
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            if (isWaiting) {
                waiting.release();
            }
        }
    }

    /** The time until the next fetch is permitted. */
    @GuardedBy("fetching")
    private long permittedIn() {
        return rested - nanos.getAsLong() - (BURST - 1) * INTERVAL.toNanos();
    }

    @GuardedBy("fetching")
    private void fetch() {
        long began = nanos.getAsLong();
        long number = fetches + 1;
        fetches = number;
        rested = Math.max(rested - began, 0) + began + INTERVAL.toNanos();
        Fetched before = latest;
        try {
            latest = new Fetched(KeySet.of(published.fetch()), number, began, cachedUntil());
            failure = null;
        } catch (KeySourceException e) {
            failure = e;
            latest = before == null || began - before.began >= OUTAGE.toNanos()
                    ? null
                    : new Fetched(before.keys, before.fetch, before.began, cachedUntil());
        }
    }

    private long cachedUntil() {
        return nanos.getAsLong() + CACHED.toNanos();
    }

    @GuardedBy("fetching")
    private Fetched keysOrFailure() throws KeySourceException {
        Fetched keys = latest;
        if (keys != null) {
            return keys;
        }
        throw failure == null ? new KeySourceException("the keys were not fetched") : failure;
    }

    private void lock() throws KeySourceException {
        try {
            if (!fetching.tryLock(FETCH.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new KeySourceException(
                        "the fetch of another token has not ended within " + FETCH.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static KeySourceException interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new KeySourceException("an interrupt ended the wait for the keys", cause);
    }

    @Override
    public int ignored() {
        return published.ignored();
    }
}
