package io.heliodor.session.channel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.presence.Owner;
import io.heliodor.presence.Presence;
import io.heliodor.presence.PresenceOwner;
import io.heliodor.presence.announce.Announcement;
import io.heliodor.presence.announce.StateRecipient;
import io.heliodor.pubsub.PubSub;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.lane.StreamedMessage;
import io.heliodor.wire.JsonWriter;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.Slice;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kept encoding of states, against the plain one of the same announcement. */
class PresenceJsonTests {
    private static final String ROOM = "room:1";

    record Online(String device, int number) {}

    @AutoClose
    private final PubSub pubsub = PubSub.local();

    private final MemoryBudget memory = new MemoryBudget(1 << 30);
    private final PresenceJson kept = json();
    private final PresenceJson plain = json();

    private PresenceJson json() {
        return new PresenceJson(PayloadCodec.strict(), memory, () -> 0);
    }

    /** A client that receives states. */
    private static final class Newcomer implements PresenceOwner, StateRecipient {
        private final Owner owner = Owner.of(ROOM);
        private final BlockingQueue<Announcement> states = new LinkedBlockingQueue<>();

        static Announcement state(Presence<?> presence) throws InterruptedException {
            Newcomer newcomer = new Newcomer();
            presence.follow(newcomer);
            Announcement state = newcomer.states.poll(30, TimeUnit.SECONDS);
            newcomer.owner.close();
            return Objects.requireNonNull(state, "no state");
        }

        @Override
        public String topic() {
            return ROOM;
        }

        @Override
        public void onEnd(Runnable done) {
            owner.onEnd(done);
        }

        @Override
        public void onUnreachable(Runnable task) {
            owner.onEnd(task);
        }

        @Override
        public void receiveState(String event, Announcement state) {
            states.add(state);
        }

        @Override
        public void receiveDiff(String event, Announcement diff) {}

        @Override
        public void receiveCount(String event, int keys) {}

        @Override
        public boolean isLost() {
            return false;
        }

        @Override
        public Object party() {
            return this;
        }

        @Override
        public long cost(String key, Object meta) {
            return 1;
        }

        @Override
        public void reserve(long bytes) {}

        @Override
        public void release(long bytes) {}
    }

    private static String text(List<Slice> slices) {
        JsonWriter json = new JsonWriter();
        slices.forEach(slice -> json.raw(slice.bytes(), slice.from(), slice.to()));
        return json.toString();
    }

    /** Returns the state as it is sent, compared with the joins of a diff: those are always encoded anew. */
    private PresenceJson.Encoded check(Announcement state) {
        PresenceJson.Encoded encoded = kept.state(state);
        var diff = plain.diff(state);
        String expected = new String(diff.bytes(), diff.from(), diff.length(), UTF_8);
        assertThat("{\"joins\":" + text(encoded.slices()) + ",\"leaves\":{}}").isEqualTo(expected);
        assertThat(encoded.length()).isEqualTo(text(encoded.slices()).getBytes(UTF_8).length);
        assertThat(encoded.memory().bytes()).isEqualTo(encoded.length());
        if (encoded.length() < StreamedMessage.LARGE) {
            assertThat(encoded.json().length()).isEqualTo(encoded.length());
        }
        return encoded;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 200, 3_000})
    void aStateIsThatOfThePlainEncodingAfterAnyChanges(int users) throws InterruptedException {
        Random random = new Random(users);
        List<Owner> owners = new ArrayList<>();
        try (Presence<Online> presence = Presence.over(pubsub, Online.class)) {
            check(Newcomer.state(presence));
            for (int round = 0; round < 8; round++) {
                int changes = round == 0 ? users : 1 + random.nextInt(users);
                for (int i = 0; i < changes; i++) {
                    String key = "us\u00e9r \"" + random.nextInt(users);
                    int at = owners.isEmpty() ? 0 : random.nextInt(owners.size());
                    switch (owners.size() < users / 2 ? 0 : random.nextInt(4)) {
                        case 0 -> {
                            owners.add(Owner.of(ROOM));
                            presence.track(owners.getLast(), key, new Online("web", i));
                        }
                        case 1 -> owners.remove(at).close();
                        case 2 -> presence.untrackAll(owners.get(at));
                        default ->
                            presence.list(ROOM).keySet().stream()
                                    .limit(2)
                                    .forEach(each -> presence.update(
                                            owners.get(at), each, old -> new Online("tv", old.number() + 1)));
                    }
                }
                check(Newcomer.state(presence));
            }
        }
        owners.forEach(Owner::close);
    }

    @Test
    void statesShareTheBytesOfTheirUnchangedParts() throws InterruptedException {
        try (Presence<Online> presence = Presence.over(pubsub, Online.class);
                Owner crowd = Owner.of("room:2");
                Owner one = Owner.of("room:2")) {
            List<Owner> others = new ArrayList<>(List.of(crowd));
            for (int i = 0; i < 3_000; i++) {
                others.add(Owner.of(ROOM));
                presence.track(others.getLast(), "user " + i, new Online("web", i));
            }
            List<byte[]> before = arrays(check(Newcomer.state(presence)));
            assertThat(arrays(check(Newcomer.state(presence)))).isEqualTo(before);
            presence.track(one, ROOM, "one", new Online("web", 0));
            List<byte[]> after = arrays(check(Newcomer.state(presence)));
            after.removeAll(before);
            // The part with the new key, and the own keys of two nodes above it.
            assertThat(after).hasSizeBetween(1, 3);
            others.forEach(Owner::close);
        }
    }

    private static List<byte[]> arrays(PresenceJson.Encoded encoded) {
        return new ArrayList<>(encoded.slices().stream().map(Slice::bytes).toList());
    }

    @Test
    void anEnrichmentIsInTheState() throws InterruptedException {
        record Name(String name) {}
        try (Presence<Online> presence = Presence.over(
                        pubsub, Online.class, (topic, present) -> java.util.Map.of("user 7", new Name("Ann")));
                Owner owner = Owner.of(ROOM)) {
            for (int i = 0; i < 900; i++) {
                presence.track(owner, "user " + i, new Online("web", i));
            }
            assertThat(text(check(Newcomer.state(presence)).slices())).containsOnlyOnce("],\"name\":\"Ann\"}");
        }
    }
}
