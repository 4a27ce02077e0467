package io.heliodor.history;

import java.util.Optional;

/**
 * The request of a log that catches up.
 *
 * @param own its own stream
 * @param owner its location
 * @param position its position
 * @param after the last message of the previous part of the response; empty for the first part
 */
public record CatchUpRequest(long own, LogLocation owner, VersionVector position, Optional<Dot> after) {}
