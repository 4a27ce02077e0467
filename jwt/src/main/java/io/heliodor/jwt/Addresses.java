package io.heliodor.jwt;

import java.net.URI;
import java.util.Locale;
import java.util.regex.Pattern;

/** Rules for the addresses of keys. */
final class Addresses {
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127\\.\\d+\\.\\d+\\.\\d+|\\[::1\\]");

    private Addresses() {}

    /** Whether keys arrive unmodified: over TLS, or from this machine. */
    static boolean isTrusted(URI address) {
        return isHttp(address)
                && (address.getScheme().equalsIgnoreCase("https")
                        || LOOPBACK.matcher(address.getHost()).matches());
    }

    static boolean isHttp(URI address) {
        return address.getScheme() != null
                && address.getHost() != null
                && address.getScheme().toLowerCase(Locale.ROOT).matches("https?");
    }
}
