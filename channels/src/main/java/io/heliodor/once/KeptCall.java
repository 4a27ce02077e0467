package io.heliodor.once;

import java.util.Optional;

/**
 * A call as one node copies it to another.
 *
 * @param key its key
 * @param fingerprint its content
 * @param owner executes it, or has done so
 * @param answer its answer; empty while it is executed
 */
public record KeptCall(CallKey key, Fingerprint fingerprint, KeyOwner owner, Optional<KeptAnswer> answer) {}
