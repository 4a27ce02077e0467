package io.heliodor.transport;

/**
 * What an event loop compresses and reads compressed messages with: about 300 KiB outside of the heap, for all its
 * connections together.
 *
 * @param deflation for what goes out
 * @param inflation for what comes in
 */
record Compression(Deflation deflation, Inflation inflation) implements AutoCloseable {
    Compression() {
        this(new Deflation(), new Inflation());
    }

    @Override
    public void close() {
        deflation.close();
        inflation.close();
    }
}
