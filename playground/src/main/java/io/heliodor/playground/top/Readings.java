package io.heliodor.playground.top;

import java.io.IOException;
import java.util.List;

/**
 * Readings of a server, and their pictures.
 *
 * @param <R> a reading
 */
interface Readings<R> extends AutoCloseable {
    /** Reads once; the message of the exception is one line for the user. */
    R read() throws IOException, InterruptedException;

    /** The lines of a picture of two readings, some seconds apart. */
    List<String> picture(R before, R now, double seconds);

    @Override
    void close();
}
