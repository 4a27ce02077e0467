package io.heliodor.jwt;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.CachingJWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.OutageTolerantJWKSetSource;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.jwk.source.RateLimitedJWKSetSource;
import com.nimbusds.jose.jwk.source.RetryingJWKSetSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Keys that are fetched when a token needs them, by one thread at a time. Others wait for it, unless the cache has their key.
 *
 * <p>Keys are cached. An unknown key has them fetched again, since the issuer may have a new one; tokens that name keys which do not exist
 * cannot cause more than two fetches in each interval. A fetch that fails is repeated once, and then the keys before it stay in use.
 */
final class RemoteKeys implements KeySource {
    static final Duration CACHED = Duration.ofMinutes(5);
    static final Duration OUTAGE = Duration.ofHours(1);
    static final Duration INTERVAL = Duration.ofSeconds(10);

    /** More than the time of a fetch: two documents, twice. */
    private static final Duration WAIT = Duration.ofSeconds(10);

    private final PublishedKeys published;
    private final JWKSetSource<SecurityContext> source;
    private final LongSupplier nanos;
    private final long begin;

    /** The usable keys of the set in the cache, so that they are not made for each token. */
    private volatile Usable usable = new Usable(new JWKSet(), new KeySet(List.of()));

    private record Usable(JWKSet published, KeySet keys) {}

    RemoteKeys(PublishedKeys published, LongSupplier nanos) {
        this.published = published;
        this.nanos = nanos;
        this.begin = nanos.getAsLong();
        var tolerant =
                new OutageTolerantJWKSetSource<>(new RetryingJWKSetSource<>(published, null), OUTAGE.toMillis(), null);
        var limited = new RateLimitedJWKSetSource<>(tolerant, INTERVAL.toMillis(), null);
        this.source = new CachingJWKSetSource<>(limited, CACHED.toMillis(), WAIT.toMillis(), null);
    }

    @Override
    public Set<JWSAlgorithm> algorithms() {
        return VerificationKey.PUBLIC;
    }

    @Override
    public Optional<VerificationKey> find(JWSHeader header) throws KeySourceException {
        long now = (nanos.getAsLong() - begin) / 1_000_000;
        JWKSet cached = source.getJWKSet(JWKSetCacheRefreshEvaluator.noRefresh(), now, null);
        Optional<VerificationKey> found = usable(cached).find(header);
        if (found.isPresent() || header.getKeyID() == null) {
            return found;
        }
        try {
            JWKSet fresh = source.getJWKSet(JWKSetCacheRefreshEvaluator.referenceComparison(cached), now, null);
            return usable(fresh).find(header);
        } catch (RateLimitReachedException e) {
            return Optional.empty(); // the keys are as fresh as they can be, and this one is not among them
        }
    }

    @SuppressWarnings("ReferenceEquality") // the cache has one set until the next fetch
    private KeySet usable(JWKSet set) {
        Usable present = usable;
        if (present.published != set) {
            present = new Usable(set, KeySet.of(set));
            usable = present;
        }
        return present.keys;
    }

    @Override
    public int ignored() {
        return published.ignored();
    }
}
