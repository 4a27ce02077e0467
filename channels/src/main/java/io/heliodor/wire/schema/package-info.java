/** The schemas of payload types, by the serializers and deserializers of the codec's mapper. */
package io.heliodor.wire.schema;
