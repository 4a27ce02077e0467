package io.heliodor.wire;

/**
 * A part of an array that is never modified.
 *
 * @param bytes the array
 * @param from the index of the first byte
 * @param to the index after the last byte
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never copied
public record Slice(byte[] bytes, int from, int to) {
    /**
     * A whole array.
     *
     * @param bytes the array
     */
    public Slice(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    /**
     * The number of bytes.
     *
     * @return 0 or more
     */
    public int length() {
        return to - from;
    }

    /**
     * A part of this slice.
     *
     * @param offset the number of bytes before it
     * @param max its maximum length
     * @return the bytes after the offset, up to the maximum
     */
    public Slice part(int offset, int max) {
        int start = from + offset;
        int end = Math.min(start + max, to);
        return start == from && end == to ? this : new Slice(bytes, start, end);
    }
}
