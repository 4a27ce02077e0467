package io.heliodor.presence;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.presence.announce.PresenceMeta;
import io.heliodor.presence.crdt.Dot;
import io.heliodor.presence.crdt.Entry;
import io.heliodor.presence.crdt.ReplicaId;
import io.heliodor.presence.crdt.State;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntryMetaTests {
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 35, 36, 1_763_640_000_000L, Long.MAX_VALUE, -1, -37, Long.MIN_VALUE})
    void aRefIsTheIncarnationThenTheCounterAndItsShardInBase36(long incarnation) {
        int shard = ShardIndex.of("room:1");
        Dot dot = new Dot(new ReplicaId("a", incarnation), 12);
        Dot previous = new Dot(new ReplicaId("b", 7), 71);
        Entry<String> entry = new Entry<>(dot, "room:1", "ann", 1, "meta", previous);
        EntryMeta meta = new EntryMeta(entry, 0);
        assertThat(meta.ref())
                .isEqualTo(Long.toString(incarnation, 36) + "." + Long.toString(12 * ShardIndex.COUNT + shard, 36));
        assertThat(meta.previous()).contains("7." + Long.toString(71 * ShardIndex.COUNT + shard, 36));
        assertThat(new EntryMeta(entry, 5).ref()).startsWith(Long.toString(incarnation ^ 5, 36) + ".");
    }

    @Test
    void aRefOfTheLastCountersIsNotCutOff() {
        Dot dot = new Dot(new ReplicaId("a", Long.MIN_VALUE), Long.MAX_VALUE / ShardIndex.COUNT);
        EntryMeta meta = new EntryMeta(new Entry<>(dot, "room:1", "ann", 1, "meta", null), 0);
        assertThat(meta.ref()).hasSizeLessThanOrEqualTo(29).startsWith("-1y2p0ij32e8e8.");
    }

    @Test
    void aStateIsReadAsAMapOfItsKeys() {
        State<String> state = State.of(new ReplicaId("a", 1));
        state = state.add("room:1", "ann", 1, "web").state();
        state = state.add("room:1", "bob", 2, "web").state();
        state = state.add("room:1", "ann", 3, "tv").state();
        Map<String, List<PresenceMeta>> view = view(state, "room:1");
        assertThat(view).hasSize(2).containsOnlyKeys("ann", "bob").doesNotContainKey("eve");
        assertThat(view.get("ann")).extracting(PresenceMeta::meta).containsExactly("web", "tv");
        assertThat(view.get("eve")).isNull();
        assertThat(view(state, "room:2")).isEmpty();
    }

    private static Map<String, List<PresenceMeta>> view(State<String> state, String topic) {
        return new EntriesView<>(state.topic(topic), ofKey -> EntryMeta.all(ofKey, 0));
    }
}
