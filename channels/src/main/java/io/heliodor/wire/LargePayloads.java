package io.heliodor.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.json.JsonMapper;

/**
 * The parsers of large payloads. They do without Jackson's table of names, in which names may collide whatever its seed is: a MiB of such
 * names takes quadratic time, or is refused. Small payloads use the table, since it saves a string for each known name.
 */
final class LargePayloads extends ObjectReadContext.Base {
    /** The size from which a payload is large. Fewer bytes have too few names for a noticeable time. */
    static final int MIN_BYTES = 16 << 10;

    private final JsonFactory factory;
    private final DeserializationConfig config;

    LargePayloads(JsonMapper mapper) {
        this.factory = mapper.tokenStreamFactory()
                .rebuild()
                .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                .build();
        this.config = mapper.deserializationConfig();
    }

    JsonParser parser(Payload.Json json) {
        // Without the table Jackson reads beyond the end of a range of bytes, so that it gets characters.
        return factory.createParser(
                this, new InputStreamReader(new ByteArrayInputStream(json.bytes(), json.from(), json.length()), UTF_8));
    }

    @Override
    public int getStreamReadFeatures(int defaults) {
        return config.getStreamReadFeatures();
    }

    @Override
    public int getFormatReadFeatures(int defaults) {
        return config.getFormatReadFeatures();
    }

    @Override
    public StreamReadConstraints streamReadConstraints() {
        return factory.streamReadConstraints();
    }
}
