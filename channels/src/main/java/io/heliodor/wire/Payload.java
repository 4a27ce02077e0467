package io.heliodor.wire;

/** The payload of a frame: validated bytes that are not decoded. */
public sealed interface Payload {
    /**
     * The size of the payload.
     *
     * @return bytes
     */
    default int length() {
        return to() - from();
    }

    /** {@return the array that contains it, which is shared with the frame and never modified} */
    byte[] bytes();

    /** {@return the index of its first byte} */
    int from();

    /** {@return the index after its last byte} */
    int to();

    /**
     * A JSON value: well-formed, in UTF-8, of limited depth, without white space around it. The array is shared with the frame and never
     * modified.
     *
     * @param bytes an array that contains it
     * @param from the index of its first byte
     * @param to the index after its last byte
     */
    @SuppressWarnings("ArrayRecordComponent") // a slice of the frame: never compared, never copied
    record Json(byte[] bytes, int from, int to) implements Payload {
        /**
         * Whether it is an object.
         *
         * @return whether it begins with a brace
         */
        public boolean isObject() {
            return bytes[from] == '{';
        }
    }

    /**
     * Bytes that the server does not interpret.
     *
     * @param bytes an array that contains them
     * @param from the index of the first byte
     * @param to the index after the last byte
     */
    @SuppressWarnings("ArrayRecordComponent") // a slice of the frame: never compared, never copied
    record Binary(byte[] bytes, int from, int to) implements Payload {}
}
