package io.heliodor.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.client.json.JsonPayloads;
import io.heliodor.client.session.CounterValues;
import io.heliodor.client.wire.Payload;
import io.heliodor.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class PresencesTests {
    record Online(String device) {}

    private final Presences<Online> presences = new Presences<>(
            "presence",
            Type.of(Online.class),
            new JsonPayloads(new JsonMapper()),
            new Diagnostics(new CounterValues()),
            () -> false);

    private void state(String json) {
        presences.receive("presence_state", Payload.json(json));
    }

    private void diff(String joins, String leaves) {
        presences.receive("presence_diff", Payload.json("{\"joins\":" + joins + ",\"leaves\":" + leaves + "}"));
    }

    private static String one(String key, String ref, String device) {
        return "{\"" + key + "\":{\"metas\":[{\"phx_ref\":\"" + ref + "\",\"device\":\"" + device + "\"}]}}";
    }

    @Test
    void aDiffBeforeTheFirstStateIsContainedInIt() {
        diff(one("a", "1", "phone"), "{}");
        assertThat(presences.current()).isEmpty();
        state(one("b", "2", "web"));
        assertThat(presences.current()).isEqualTo(Map.of("b", List.of(new Online("web"))));
    }

    @Test
    void joinsAndLeavesAreByReference() {
        state(one("a", "1", "phone"));
        diff(one("a", "2", "tablet"), "{}");
        assertThat(presences.current().get("a")).containsExactly(new Online("phone"), new Online("tablet"));
        diff("{}", one("a", "1", "phone"));
        assertThat(presences.current().get("a")).containsExactly(new Online("tablet"));
        diff("{}", one("a", "2", "tablet"));
        assertThat(presences.current()).isEmpty();
    }

    @Test
    void anUpdateIsOneDiffOfBoth() {
        state(one("a", "1", "phone"));
        diff(one("a", "2", "tablet"), one("a", "1", "phone"));
        assertThat(presences.current().get("a")).containsExactly(new Online("tablet"));
    }

    @Test
    void aJoinThatIsKnownIsNotCountedTwice() {
        state(one("a", "1", "phone"));
        diff(one("a", "1", "phone"), "{}");
        assertThat(presences.current().get("a")).containsExactly(new Online("phone"));
    }

    @Test
    void eachChangeIsAnotherMap() {
        List<Map<String, List<Online>>> maps = new ArrayList<>();
        presences.onChange(maps::add);
        state(one("a", "1", "phone"));
        Map<String, List<Online>> first = presences.current();
        diff(one("b", "2", "web"), "{}");
        assertThat(first).containsOnlyKeys("a");
        assertThat(maps).hasSize(2);
        assertThat(maps.get(1)).isSameAs(presences.current()).containsOnlyKeys("a", "b");
    }

    @Test
    void anotherStateReplacesAll() {
        state(one("a", "1", "phone"));
        state(one("b", "2", "web"));
        assertThat(presences.current()).containsOnlyKeys("b");
        presences.clear();
        assertThat(presences.current()).isEmpty();
    }

    @Test
    void hostileMessagesChangeNothingElse() {
        state(one("a", "1", "phone"));
        presences.receive("presence_diff", Payload.json("{}"));
        presences.receive("presence_diff", Payload.json("{\"joins\":5,\"leaves\":[1]}"));
        presences.receive(
                "presence_diff",
                Payload.json("{\"joins\":{\"x\":7,\"y\":{\"metas\":[{\"device\":[]}]}},\"leaves\":{\"z\":null}}"));
        presences.receive("presence_diff", Payload.binary(new byte[] {1}, 0, 1));
        assertThat(presences.current()).containsOnlyKeys("a");
    }
}
