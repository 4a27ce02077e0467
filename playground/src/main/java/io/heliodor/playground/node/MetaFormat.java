package io.heliodor.playground.node;

import io.heliodor.pubsub.MessageFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The format of presence metadata without a type: any JSON object. */
public final class MetaFormat implements MessageFormat<Map<?, ?>> {
    private final JsonMapper mapper = JsonMapper.shared();

    /** The format. */
    public MetaFormat() {}

    @Override
    public byte[] write(Map<?, ?> meta) {
        return mapper.writeValueAsBytes(meta);
    }

    @Override
    public Optional<Map<?, ?>> read(byte[] bytes) {
        try {
            return Optional.of(mapper.readValue(bytes, LinkedHashMap.class));
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }
}
