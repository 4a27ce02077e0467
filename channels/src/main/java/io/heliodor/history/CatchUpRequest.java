package io.heliodor.history;

import java.util.Optional;

/**
 * The question of a log that catches up.
 *
 * @param own its own stream
 * @param owner where its log is
 * @param position all that it has
 * @param after the last message of the part before; what follows it is asked for
 */
public record CatchUpRequest(long own, LogLocation owner, VersionVector position, Optional<Dot> after) {}
