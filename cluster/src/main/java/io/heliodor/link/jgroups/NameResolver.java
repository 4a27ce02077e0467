package io.heliodor.link.jgroups;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Looks up names of hosts, with addresses that are at most 10 s old. The JVM caches an address for 30 s, and its setting for
 * that applies to the whole process. The key of its cache is the name as it is written, while names of hosts are the same in
 * upper and lower case (RFC 4343): so every 10 s another spelling is looked up. Thread-safe.
 */
public final class NameResolver {
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Enough spellings that the cache has forgotten one before it comes again. */
    private static final int MAX_LETTERS = 3;

    private static final Duration RETRY = Duration.ofSeconds(2);

    /** Returns the addresses of a name, maybe from a cache. */
    @FunctionalInterface
    interface Lookup {
        InetAddress[] all(String name) throws UnknownHostException;
    }

    /** Pauses between two attempts. */
    @FunctionalInterface
    interface Pause {
        void of(Duration time) throws InterruptedException;
    }

    private final Lookup lookup;
    private final LongSupplier nanos;

    NameResolver(Lookup lookup, LongSupplier nanos) {
        this.lookup = lookup;
        this.nanos = nanos;
    }

    /**
     * The first address of a host. Waits for it, because the name of a new container may be published after its start. Each attempt
     * looks up another spelling: the JVM remembers for 10 s that a name has no address. Blocks.
     *
     * @param host a name or an address
     * @param attempts the maximum number of attempts, two seconds apart; 1 or more
     * @return empty if it has none after the last attempt
     * @throws InterruptedException when interrupted while it waits
     */
    public static Optional<InetAddress> await(String host, int attempts) throws InterruptedException {
        return await(InetAddress::getAllByName, host, attempts, Thread::sleep);
    }

    static Optional<InetAddress> await(Lookup lookup, String host, int attempts, Pause pause)
            throws InterruptedException {
        for (int made = 0; ; made++) {
            long period = made;
            try {
                return Optional.of(new NameResolver(lookup, () -> period * PERIOD_NANOS)
                        .resolve(host)
                        .getFirst());
            } catch (UnknownHostException e) {
                if (made + 1 >= attempts) {
                    return Optional.empty();
                }
                if (made == 0) {
                    WireLog.LOG.warn(
                            "The host {} of this node has no address yet. The node waits for it, at most for {} s.",
                            host,
                            RETRY.toSeconds() * (attempts - 1));
                }
                pause.of(RETRY);
            }
        }
    }

    /** The addresses of a host. Blocks while a name service is queried. */
    List<InetAddress> resolve(String host) throws UnknownHostException {
        List<InetAddress> addresses = new ArrayList<>();
        for (InetAddress address : all(host)) {
            boolean scoped = address instanceof Inet6Address six && six.getScopeId() != 0;
            // Logs show the name as it was given.
            addresses.add(scoped ? address : InetAddress.getByAddress(host, address.getAddress()));
        }
        return addresses;
    }

    private InetAddress[] all(String host) throws UnknownHostException {
        String spelling = spelling(host, Math.floorDiv(nanos.getAsLong(), PERIOD_NANOS));
        try {
            return lookup.all(spelling);
        } catch (UnknownHostException e) {
            if (spelling.equals(host)) {
                throw e;
            }
            return lookup.all(host); // a file of hosts that distinguishes upper and lower case
        }
    }

    /** The first letters in upper case for the bits that are set in the number of the period. */
    private static String spelling(String host, long period) {
        if (host.indexOf(':') >= 0) {
            return host; // an address with a scope
        }
        StringBuilder spelling = new StringBuilder(host.toLowerCase(Locale.ROOT));
        int letters = 0;
        for (int i = 0; i < spelling.length() && letters < MAX_LETTERS; i++) {
            char c = spelling.charAt(i);
            if (c >= 'a' && c <= 'z') {
                if ((period >> letters & 1) == 1) {
                    spelling.setCharAt(i, Character.toUpperCase(c));
                }
                letters++;
            }
        }
        return spelling.toString();
    }
}
