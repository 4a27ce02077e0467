package io.heliodor.client.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.event.Raw;
import java.io.StringWriter;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/** Raw JSON inside of other payloads. */
final class RawModule extends SimpleModule {
    private static final long serialVersionUID = 1L;

    RawModule() {
        super("heliodor-raw");
        addSerializer(Raw.class, new Writer());
        addDeserializer(Raw.class, new Reader());
    }

    private static final class Writer extends StdSerializer<Raw> {
        Writer() {
            super(Raw.class);
        }

        @Override
        public void serialize(Raw raw, JsonGenerator to, SerializationContext context) {
            to.writeRawValue(new String(raw.json(), UTF_8));
        }
    }

    private static final class Reader extends StdDeserializer<Raw> {
        private static final JsonMapper PLAIN = new JsonMapper();

        Reader() {
            super(Raw.class);
        }

        @Override
        public Raw deserialize(JsonParser from, DeserializationContext context) {
            StringWriter copy = new StringWriter();
            try (JsonGenerator to = PLAIN.createGenerator(copy)) {
                to.copyCurrentStructureExact(from);
            }
            return Raw.of(copy.toString());
        }
    }
}
