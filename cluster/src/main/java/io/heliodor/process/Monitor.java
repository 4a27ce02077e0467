package io.heliodor.process;

/** A watch that was set. Any thread may close it. */
public interface Monitor extends AutoCloseable {
    /** Ends the watch. May be called again, and after it has fired. */
    @Override
    void close();
}
