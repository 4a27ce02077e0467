package io.heliodor.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Call;
import io.heliodor.event.Reason;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.Refusal;
import io.heliodor.testkit.TestChannel;
import io.heliodor.type.Type;
import java.util.List;
import java.util.Map;
import kotlin.collections.IndexedValue;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.module.kotlin.KotlinModule;

/** Payloads that a Kotlin compiler has made: {@code data class IndexedValue<out T>(val index: Int, val value: T)}. */
class KotlinTests {
    private static final Type<IndexedValue<String>> INDEXED = new Type<>() {};
    private static final Call<IndexedValue<String>, IndexedValue<String>, Reason> NEXT =
            Call.of("next", INDEXED, INDEXED);
    private static final Call<Map<String, Object>, IndexedValue<String>, Reason> UNCHECKED =
            Call.of("next", new Type<Map<String, Object>>() {}, INDEXED);

    private static final UserSocket<Object> SOCKET = UserSocket.open()
            .channel(
                    "room:*",
                    Channel.join(join -> Join.ok("a"))
                            .answer(
                                    NEXT,
                                    (value, room) ->
                                            Reply.ok(new IndexedValue<>(value.getIndex() + 1, value.getValue())))
                            .build())
            .build();

    @Test
    void aDataClassIsReadStrictlyByTheModuleOfTheApplicationsMapper() {
        JsonMapper mapper = JsonMapper.builder()
                .addModule(new KotlinModule.Builder().build())
                .build();
        try (ChannelKit kit = ChannelKit.builder(SOCKET).json(mapper).start()) {
            TestChannel room = kit.connect().join("room:42");
            assertThat(room.call(NEXT, new IndexedValue<>(1, "a"))).isEqualTo(new IndexedValue<>(2, "a"));
            assertThat(room.callRefused(UNCHECKED, Map.of("value", "a")))
                    .isEqualTo(new Refusal.InvalidPayload("index", "is missing"));
            assertThat(room.callRefused(UNCHECKED, Map.of("index", "1", "value", "a")))
                    .isEqualTo(new Refusal.InvalidPayload("index", "must be an integer"));
            assertThat(room.callRefused(UNCHECKED, Map.of("index", 1, "value", List.of())))
                    .isEqualTo(new Refusal.InvalidPayload("value", "must be a string"));
        }
    }

    @Test
    void aDataClassWithoutTheModuleIsRefusedAtTheBuild() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Endpoint.builder().socket("/socket", SOCKET).build())
                .withMessageContainingAll("call 'next'", IndexedValue.class.getName(), "jackson-module-kotlin");
    }
}
