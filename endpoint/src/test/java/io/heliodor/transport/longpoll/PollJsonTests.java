package io.heliodor.transport.longpoll;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PollJsonTests {
    private static final JsonMapper JSON = new JsonMapper();

    @Test
    void aStatusStandsAlone() {
        assertThat(PollJson.status(403)).asString(UTF_8).isEqualTo("{\"status\":403}");
    }

    @Test
    void messagesBecomeStrings() {
        assertThat(poll()).isEqualTo("{\"status\":200,\"token\":\"t\",\"messages\":[]}");
        assertThat(poll("[\"a\"]")).isEqualTo("{\"status\":200,\"token\":\"t\",\"messages\":[\"[\\\"a\\\"]\"]}");
        assertThat(poll("1", "2", "3")).isEqualTo("{\"status\":200,\"token\":\"t\",\"messages\":[\"1\",\"2\",\"3\"]}");
    }

    @Test
    void quotesBackslashesAndControlsAreEscapedAndNothingElse() {
        assertThat(poll("\"\\/\u0000\n\u001f\u007fé\u2028🟡"))
                .isEqualTo("{\"status\":200,\"token\":\"t\",\"messages\":"
                        + "[\"\\\"\\\\/\\u0000\\u000a\\u001f\u007fé\u2028🟡\"]}");
    }

    @Property
    void anyTextsAreReadBackAsTheyWere(@ForAll @Size(max = 5) List<String> texts) {
        // Unpaired surrogates have no encoding in UTF-8.
        List<String> valid = texts.stream()
                .map(each -> new String(each.getBytes(UTF_8), UTF_8))
                .toList();
        JsonNode json = JSON.readTree(poll(valid.toArray(String[]::new)));
        assertThat(json.path("messages").valueStream().map(JsonNode::asString)).isEqualTo(valid);
    }

    private static String poll(String... messages) {
        return new String(
                PollJson.poll(
                        200,
                        "t",
                        List.of(messages).stream()
                                .map(each -> each.getBytes(UTF_8))
                                .toList()),
                UTF_8);
    }
}
