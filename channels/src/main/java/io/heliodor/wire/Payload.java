package io.heliodor.wire;

/** What came with a frame: bytes, checked but not turned into objects. */
public sealed interface Payload {
    /**
     * The size of the payload.
     *
     * @return bytes
     */
    int length();

    /**
     * A JSON value: well-formed, UTF-8, of bounded depth, without white space around it. The array is shared with the
     * frame and never written to again.
     *
     * @param bytes what holds it
     * @param from its first byte
     * @param to behind its last byte
     */
    @SuppressWarnings("ArrayRecordComponent") // a slice of the frame: never compared, never copied
    record Json(byte[] bytes, int from, int to) implements Payload {
        @Override
        public int length() {
            return to - from;
        }

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
     * Bytes without meaning to the server.
     *
     * @param bytes what holds them
     * @param from the first byte
     * @param to behind the last byte
     */
    @SuppressWarnings("ArrayRecordComponent") // a slice of the frame: never compared, never copied
    record Binary(byte[] bytes, int from, int to) implements Payload {
        @Override
        public int length() {
            return to - from;
        }
    }
}
