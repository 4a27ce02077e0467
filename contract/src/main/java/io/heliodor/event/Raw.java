package io.heliodor.event;

/**
 * A JSON object as received bytes. It is validated as UTF-8 and JSON of limited depth, but not decoded. To pass it on costs a copy of its
 * bytes only.
 *
 * <p>Immutable; any thread may use it.
 */
public interface Raw {
    /**
     * The object as text.
     *
     * @return a copy of its bytes, UTF-8
     */
    byte[] json();

    /**
     * The length of the object.
     *
     * @return bytes, at least 2
     */
    int length();
}
