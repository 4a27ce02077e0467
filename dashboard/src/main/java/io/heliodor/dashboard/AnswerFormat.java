package io.heliodor.dashboard;

import com.fasterxml.jackson.annotation.JsonSetter.Value;
import com.fasterxml.jackson.annotation.Nulls;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The format of answers between nodes: a JSON object. Unknown fields are ignored, and missing ones are zero or empty. */
final class AnswerFormat {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.dashboard");
    private static final int MAX_BYTES = 1 << 20;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .withConfigOverride(String.class, texts -> texts.setNullHandling(Value.forValueNulls(Nulls.AS_EMPTY)))
            .withConfigOverride(
                    List.class, lists -> lists.setNullHandling(Value.forValueNulls(Nulls.AS_EMPTY, Nulls.SKIP)))
            .build();

    private AnswerFormat() {}

    static byte[] write(Object answer) {
        return MAPPER.writeValueAsBytes(answer);
    }

    /** Reads an answer; empty if it is too long or not one. */
    static <A> Optional<A> read(Class<A> type, byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            LOG.debug("An answer of {} bytes is not read.", bytes.length);
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(MAPPER.readValue(bytes, type));
        } catch (JacksonException e) {
            LOG.debug("An answer is not a {}.", type.getSimpleName(), e);
            return Optional.empty();
        }
    }
}
