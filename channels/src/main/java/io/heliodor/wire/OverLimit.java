package io.heliodor.wire;

import io.heliodor.event.json.JsonLimit;

/**
 * A frame whose payload is valid JSON beyond a limit. It is answered with an error, unless its event needs no payload.
 *
 * @param frame the frame; its payload must not be decoded
 * @param limit the limit
 */
public record OverLimit(Frame frame, JsonLimit limit) implements FrameOutcome {}
