package io.heliodor.event;

/**
 * A JSON object as the bytes that came: checked to be well-formed UTF-8 and JSON of bounded depth, never turned into
 * objects. Passing one on costs a copy of its bytes and nothing else.
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
