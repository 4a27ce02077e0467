package io.heliodor.presence;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.event.json.JsonWeight;
import io.heliodor.log.BoundedLog;
import io.heliodor.presence.Replication.Change;
import io.heliodor.presence.announce.Announcement;
import io.heliodor.presence.announce.PresenceMeta;
import io.heliodor.presence.announce.ReplicationMemory;
import io.heliodor.presence.crdt.Delta;
import io.heliodor.presence.crdt.Dot;
import io.heliodor.presence.crdt.Entry;
import io.heliodor.presence.crdt.ReplicaId;
import io.heliodor.presence.crdt.State;
import io.heliodor.pubsub.MessageFormat;
import io.heliodor.pubsub.PubSub;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** The heap that presences of other nodes take is not more than the heap that is counted for them. */
class ReplicationMemoryTests {
    private static final ReplicaId HERE = new ReplicaId("here@host", 1);
    private static final ReplicaId OTHER = new ReplicaId("other@host", 2);
    private static final int PRESENT = 30_000;

    /** The error of the measurement of the heap for each presence. */
    private static final long INEXACT = 10;

    record Online(String name, boolean typing) {}

    private static final ReplicationFormat<Online> FORMAT = new ReplicationFormat<>(
            new MessageFormat<>() {
                @Override
                public byte[] write(Online online) {
                    return "{\"name\":\"%s\",\"typing\":%s}"
                            .formatted(online.name(), online.typing())
                            .getBytes(UTF_8);
                }

                @Override
                public Optional<Online> read(byte[] json) {
                    String[] parts = new String(json, UTF_8).split("\"", -1);
                    return Optional.of(new Online(parts[3], parts[6].contains("true")));
                }
            },
            JsonWeight.of(Online.class),
            new BoundedLog(LoggerFactory.getLogger("io.heliodor.presence"), "metadata", () -> 0));

    /** The presences of another node, each of which comes in a message of its own, so that no two share a text. */
    @SuppressWarnings("ImmutableEnumChecker") // its functions have no state
    enum Kind {
        ONE_TOPIC(n -> entry(n, "room", "user " + n, "")),
        ONE_KEY(n -> entry(n, "room", "ann", "")),
        OWN_TOPICS(n -> entry(n, "room " + n, "ann", "")),
        OWN_LONG_TOPICS(n -> entry(n, "room " + n + "-".repeat(200), "ann", "")),
        LONG_KEYS(n -> entry(n, "room", "ключ ".repeat(20) + n, "")),
        MIXED_KEYS(n -> entry(n, "room", "a".repeat(900) + "ы" + n, "")),
        MIXED_TOPICS(n -> entry(n, "room " + n + "-".repeat(200) + "ы", "ann", "")),
        METAS(n -> entry(n, "room", "user " + n, "Ann Example " + n)),
        UPDATED(n -> new Entry<>(
                new Dot(OTHER, n), "room", "user " + n, 0, new Online("", false), new Dot(OTHER, n + PRESENT)));

        private final transient IntFunction<Entry<Online>> entry;

        Kind(IntFunction<Entry<Online>> entry) {
            this.entry = entry;
        }
    }

    private static Entry<Online> entry(int counter, String topic, String key, String name) {
        return new Entry<>(new Dot(OTHER, counter), topic, key, 0, new Online(name, true), null);
    }

    @ParameterizedTest
    @EnumSource
    void heapHeldIsNotMoreThanHeapCounted(Kind kind) {
        State<Online> small = received(kind, 100); // loads classes
        long before = heap();
        State<Online> state = received(kind, PRESENT);
        keep(state);
        long held = (heap() - before) / PRESENT;
        long counted = state.replicationBytes() / PRESENT;
        assertThat(small.size() + state.size()).isEqualTo(100 + PRESENT);
        assertThat(held)
                .as("bytes of heap held for each presence, of which %s are counted", counted)
                .isLessThanOrEqualTo(counted + INEXACT);
    }

    private static State<Online> received(Kind kind, int number) {
        State<Online> state = State.<Online>of(HERE).show(OTHER).state();
        for (int n = 1; n <= number; n++) {
            byte[] message = FORMAT.write(
                    new Change<>(0, new Delta<>(OTHER, n - 1, n, List.of(kind.entry.apply(n)), List.of())));
            state = state.merge(FORMAT.read(message).orElseThrow().delta()).state();
        }
        return state;
    }

    /** Keeps bytes as the JSON of a state does. */
    private static void keep(State<Online> state) {
        List<byte[]> _ = state.topic("room").parts(128, FORMAT, keys -> {
            ByteArrayOutputStream json = new ByteArrayOutputStream();
            keys.forEachRemaining(ofKey -> {
                json.writeBytes(
                        ",\"%s\":{\"metas\":[".formatted(ofKey.getFirst().key()).getBytes(UTF_8));
                for (Entry<Online> entry : ofKey) {
                    PresenceMeta meta = new EntryMeta(entry, Long.MAX_VALUE);
                    json.writeBytes("{\"name\":\"%s\",\"typing\":%s,\"phx_ref\":\"%s\""
                            .formatted(entry.meta().name(), entry.meta().typing(), meta.ref())
                            .getBytes(UTF_8));
                    meta.previous()
                            .ifPresent(ref -> json.writeBytes(
                                    ",\"phx_ref_prev\":\"%s\"".formatted(ref).getBytes(UTF_8)));
                    json.writeBytes("},".getBytes(UTF_8));
                }
                json.writeBytes("]}".getBytes(UTF_8));
            });
            return json.toByteArray();
        });
    }

    private static long heap() {
        long least = Long.MAX_VALUE;
        for (int unchanged = 0; unchanged < 2; ) {
            System.gc();
            // Not the present usage: threads take whole blocks of the heap after the collection.
            long now = ManagementFactory.getMemoryPoolMXBeans().stream()
                    .filter(pool -> pool.getType() == MemoryType.HEAP)
                    .mapToLong(pool -> pool.getCollectionUsage().getUsed())
                    .sum();
            unchanged = now < least - 10_000 ? 0 : unchanged + 1;
            least = Math.min(least, now);
        }
        return least;
    }

    @Test
    void removedPresencesCountNoMoreButTheirRemovalsDo() {
        State<Online> state = received(Kind.METAS, 100);
        long counted = state.replicationBytes();
        State<Online> removed = state.merge(new Delta<>(OTHER, 100, 200, List.of(), List.of(1L, 2L)))
                .state();
        assertThat(removed.replicationBytes()).isLessThan(counted).isGreaterThan(0);
        assertThat(removed.hide(OTHER).state().replicationBytes())
                .as("hidden presences are held")
                .isEqualTo(removed.replicationBytes());
        assertThat(removed.forget(OTHER).state().replicationBytes()).isZero();
    }

    @Test
    void presencesOfThisNodeAreCountedByTheirOwners() {
        assertThat(State.<Online>of(HERE)
                        .add("room", "ann", 1, new Online("Ann", true))
                        .state()
                        .replicationBytes())
                .isZero();
    }

    @Test
    void allPresencesOfAPubSubAddTheirPart() {
        try (PubSub pubsub = PubSub.local();
                Presence<Online> users = Presence.over(pubsub, Online.class)) {
            PubSub scope = Announcement.scope(pubsub);
            assertThat(ReplicationMemory.of(scope)).isZero();
            ended(users, new Online("Ann", true));
            long one = ReplicationMemory.of(scope);
            assertThat(one).as("bytes of a removal").isPositive();
            try (Presence<String> devices = Presence.over(pubsub, String.class)) {
                ended(devices, "web");
                assertThat(ReplicationMemory.of(scope)).isEqualTo(2 * one);
            }
            assertThat(ReplicationMemory.of(scope)).isEqualTo(one);
        }
    }

    private static <M> void ended(Presence<M> presence, M meta) {
        try (Owner owner = Owner.of("room")) {
            presence.track(owner, "ann", meta);
            presence.untrackAll(owner);
        }
    }
}
