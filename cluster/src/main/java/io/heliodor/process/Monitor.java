package io.heliodor.process;

/** A registered monitor. Any thread may close it. */
public interface Monitor extends AutoCloseable {
    /** Ends the monitor. May be called again, and after it has fired. */
    @Override
    void close();
}
