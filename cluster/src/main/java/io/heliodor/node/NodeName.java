package io.heliodor.node;

import java.util.regex.Pattern;

/** A valid name of a node: {@code app@host}. */
record NodeName(String app, String host) {
    private static final Pattern APP = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern DNS =
            Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]{0,62})(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,62}))*\\.?");
    private static final Pattern IPV6 = Pattern.compile("\\[[0-9A-Fa-f:.]{2,45}\\]");
    private static final Pattern PORT = Pattern.compile("[^@]*@([^:]*|\\[[^@]*\\]):[0-9]{1,5}");
    private static final int MAX_HOST = 253;

    /**
     * Reads a name.
     *
     * @throws StartException when it is invalid
     */
    static NodeName of(String name) {
        int at = name.indexOf('@');
        if (at < 0) {
            throw bad(name);
        }
        String app = name.substring(0, at);
        String host = name.substring(at + 1);
        boolean good = APP.matcher(app).matches()
                && host.length() <= MAX_HOST
                && (DNS.matcher(host).matches() || IPV6.matcher(host).matches());
        if (!good) {
            throw bad(name);
        }
        return new NodeName(app, host);
    }

    private static StartException bad(String name) {
        StringBuilder shown = new StringBuilder();
        name.chars().limit(80).forEach(c -> shown.append(c >= ' ' && c < 0x7f ? (char) c : '?'));
        return new StartException(
                StartException.Problem.BAD_NAME,
                "The name of a node is app@host: 1 to 64 letters, digits, dots, underscores or hyphens, an @, and a DNS name,"
                        + " an IPv4 address or an IPv6 address in brackets; not \"" + shown + "\"."
                        + (PORT.matcher(name).matches() ? " Its port belongs to bind." : ""));
    }

    /** The host as an address is looked up: an IPv6 address without its brackets. */
    String address() {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    @Override
    public String toString() {
        return app + "@" + host;
    }
}
