/**
 * The Phoenix wire format: encoding and decoding of frames and payloads.
 *
 * <p>Start at {@link io.heliodor.wire.Serializer}. It decodes bytes to a {@link io.heliodor.wire.Frame} or a
 * {@link io.heliodor.wire.Malformed}, and encodes replies, pushes and broadcasts. {@link io.heliodor.wire.PayloadCodec} decodes payloads
 * to the types of an application and encodes them, by Jackson.
 */
package io.heliodor.wire;
