/**
 * Turns Phoenix frames into values and back.
 *
 * <p>Start at {@link io.heliodor.wire.Serializer}: bytes become a {@link io.heliodor.wire.Frame} or a
 * {@link io.heliodor.wire.Malformed}, and what the server says becomes bytes. {@link io.heliodor.wire.PayloadCodec}
 * turns payloads into a user's types and back; it alone knows Jackson.
 */
package io.heliodor.wire;
