package io.heliodor.channel;

/**
 * Whether a connection may be in a topic.
 *
 * @param <S> the type of the connection's assigns
 */
@FunctionalInterface
public interface Authorization<S> {
    /**
     * Checks the right of a connection to a topic: before its join handler, and while it is joined.
     *
     * <p><b>Threads:</b> a virtual thread; possibly while a handler of the channel runs. <b>Blocking:</b> may block. The channels of a
     * connection are checked one after the other, so a check that needs a second delays the others.
     *
     * @param socket the connection
     * @param subtopic the part of the topic for which the pattern's {@code *} stands; the whole topic under a pattern without a wildcard
     * @return whether it may
     * @throws Exception on any failure: a join is refused with {@code join crashed}, and a joined channel ends as after a handler that
     *     threw, so that the client joins again
     */
    boolean isAllowed(Socket<S> socket, String subtopic) throws Exception;
}
