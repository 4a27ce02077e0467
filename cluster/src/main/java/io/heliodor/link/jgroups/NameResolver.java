package io.heliodor.link.jgroups;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Looks up names of hosts, with addresses that are at most 10 s old. The JVM caches an address for 30 s, and its setting for
 * that applies to the whole process. The key of its cache is the name as it is written, while names of hosts are the same in
 * upper and lower case (RFC 4343): so every 10 s another spelling is looked up. Thread-safe.
 */
final class NameResolver {
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Enough spellings that the cache has forgotten one before it comes again. */
    private static final int MAX_LETTERS = 3;

    /** Returns the addresses of a name, maybe from a cache. */
    @FunctionalInterface
    interface Lookup {
        InetAddress[] all(String name) throws UnknownHostException;
    }

    private final Lookup lookup;
    private final LongSupplier nanos;

    NameResolver(Lookup lookup, LongSupplier nanos) {
        this.lookup = lookup;
        this.nanos = nanos;
    }

    /** The addresses of a host. Blocks while a name service is queried. */
    List<InetAddress> resolve(String host) throws UnknownHostException {
        List<InetAddress> addresses = new ArrayList<>();
        for (InetAddress address : all(host)) {
            addresses.add(InetAddress.getByAddress(host, address.getAddress())); // logs show the name as it was given
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
