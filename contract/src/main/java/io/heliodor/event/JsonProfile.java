package io.heliodor.event;

/**
 * The rules for a {@link Raw} payload in addition to the grammar of JSON. Payloads of other types need none: their values are those that
 * the server has read, and are written anew.
 */
public enum JsonProfile {
    /**
     * All valid JSON is passed on unchanged: an object may have a key twice, a string may contain half of a surrogate pair
     * ({@code "\ud800"}), and a number may be beyond the range of a double ({@code 1e400}). Browsers read all of these; some other
     * clients refuse the whole message, or use another of the two values. The default.
     */
    RFC_8259,

    /**
     * I-JSON (RFC 7493): a payload with any of the three is refused, so that all clients read the same. The check takes a pass of
     * its own over the payload, and memory for its keys. Numbers of more digits than a double has are passed on.
     */
    I_JSON
}
