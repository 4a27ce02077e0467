package io.heliodor.election;

/**
 * Elections by name, of a cluster or of one process. Code that takes this interface elects a leader among the nodes of
 * {@code Node}, and leads by itself with {@code LocalElections}, for example on the machine of a developer.
 *
 * <p>All methods may be called from any thread.
 */
public interface Elections extends AutoCloseable {
    /**
     * An election.
     *
     * @param name 1 to 255 bytes of UTF-8 without control characters
     * @return the election of that name; the same object each time until it is closed
     * @throws IllegalArgumentException if the name breaks the rule
     * @throws IllegalStateException if this is closed
     */
    Election election(String name);

    /** Ends all duties of this process. */
    @Override
    void close();
}
