package io.heliodor.playground;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.InvalidPayload;
import io.heliodor.event.Reason;
import io.heliodor.limit.Limits;
import io.heliodor.playground.RealtimeChannel.Broadcasting;
import io.heliodor.playground.RealtimeChannel.Change;
import io.heliodor.playground.RealtimeChannel.Config;
import io.heliodor.playground.RealtimeChannel.Enter;
import io.heliodor.playground.RealtimeChannel.Presenting;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.TestChannel;
import io.heliodor.type.Type;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Broadcast and presence for supabase-js. */
class RealtimeChannelTests {
    record Sent(String type, String event, Map<String, Object> payload) {}

    record Joined(List<Object> postgres_changes) {}

    private static final Event<Sent> BROADCAST = Event.of("broadcast", Sent.class);
    private static final Call<Sent, Empty, Reason> SAY = Call.of("broadcast", Sent.class, Empty.class);
    private static final Sent HI = new Sent("broadcast", "hi", Map.of("n", 1));

    private final PubSub pubsub = PubSub.local();
    private final Presence<Map<?, ?>> presence = Presence.over(pubsub, new Type<Map<?, ?>>() {});
    private final RealtimeChannel realtime = new RealtimeChannel(presence);

    @AutoClose
    private final ChannelKit kit = ChannelKit.builder(UserSocket.open()
                    .channel("realtime:*", realtime.channel())
                    .supabase()
                    .build())
            .pubsub(pubsub)
            .presence(presence)
            .start();

    private TestChannel join(Broadcasting broadcast, Presenting presenting) {
        return kit.connect()
                .join(
                        "realtime:1",
                        new Enter(Optional.of(new Config(Optional.of(broadcast), Optional.of(presenting)))));
    }

    private TestChannel join(boolean ack, boolean self) {
        return join(
                new Broadcasting(Optional.of(ack), Optional.of(self)),
                new Presenting(Optional.empty(), Optional.empty()));
    }

    private TestChannel watching(String key, boolean enabled) {
        return join(
                new Broadcasting(Optional.empty(), Optional.empty()),
                new Presenting(Optional.of(key), Optional.of(enabled)));
    }

    @Test
    void aBroadcastReachesTheOthersAndIsConfirmedOnRequest() {
        TestChannel quiet = join(false, false);
        TestChannel sure = join(true, false);
        assertThat(sure.reply(Joined.class)).isEqualTo(new Joined(List.of()));
        sure.call(SAY, HI);
        assertThat(quiet.expect(BROADCAST)).isEqualTo(HI);
        quiet.push(BROADCAST, HI);
        assertThat(sure.expect(BROADCAST)).isEqualTo(HI);
        quiet.expectNothing();
    }

    @Test
    void aBroadcastWithoutAckLeavesNoReplyThatIsDue() {
        TestChannel quiet = join(false, false);
        long before = memoryUsed();
        quiet.push(BROADCAST, HI);
        quiet.push(RealtimeChannel.BYTES, ByteBuffer.wrap(new byte[] {1}));
        assertThat(memoryUsed()).isEqualTo(before);
    }

    /** After a sweep, which counts to the byte. */
    private long memoryUsed() {
        kit.advance(Duration.ofSeconds(1));
        kit.settle();
        return kit.metrics().value("heliodor.memory.used");
    }

    @Test
    void aBroadcastComesBackOnRequest() {
        TestChannel ann = join(false, true);
        ann.push(BROADCAST, HI);
        assertThat(ann.expect(BROADCAST)).isEqualTo(HI);
        ann.push(RealtimeChannel.BYTES, ByteBuffer.wrap(new byte[] {1}));
        kit.settle();
        assertThat(kit.metrics().value("heliodor.events.unhandled")).isEqualTo(0);
    }

    @Test
    void aClientThatTracksIsPresentUntilItUntracks() {
        TestChannel ann = watching("ann", true);
        TestChannel bo = watching("bo", true);
        ann.call(RealtimeChannel.PRESENCE, new Change("track", Optional.of(Map.of("at", "home", "phx_ref", "mine"))));
        assertThat(bo.presence()).containsOnlyKeys("ann");
        assertThat(bo.presence(Map.class).get("ann")).singleElement().asString().contains("at=home");
        ann.call(RealtimeChannel.PRESENCE, new Change("track", Optional.of(Map.of("at", "work"))));
        assertThat(bo.presence(Map.class).get("ann")).singleElement().asString().contains("at=work");
        ann.call(RealtimeChannel.PRESENCE, new Change("untrack", Optional.empty()));
        assertThat(bo.presence()).isEmpty();
        assertThat(ann.callRefused(RealtimeChannel.PRESENCE, new Change("dance", Optional.empty()))
                        .reason())
                .isEqualTo("unknown_presence_event");
    }

    @Test
    void aMetaOfMoreThanSixteenThousandCharactersIsRefused() {
        assertThatThrownBy(() -> new Change("track", Optional.of(Map.of("at", "x".repeat(17_000)))))
                .isInstanceOf(InvalidPayload.class)
                .hasMessageContaining("at most 16384 characters");
        assertThat(new Change("track", Optional.of(Map.of("at", "x".repeat(16_000)))))
                .isNotNull();
    }

    @Test
    void aMetaBeyondTheMemoryOfAClientIsRefusedAndItsChannelStaysOpen() {
        try (ChannelKit small = ChannelKit.builder(UserSocket.open()
                        .channel("realtime:*", realtime.channel())
                        .supabase()
                        .build())
                .limits(Limits.openInternet().memory(memory -> memory.maxConnectionBytes(64 << 10)))
                .pubsub(pubsub)
                .presence(presence)
                .start()) {
            TestChannel ann = small.connect().join("realtime:1", new Enter(Optional.empty()));
            Change large = new Change("track", Optional.of(Map.of("m", Collections.nCopies(200, Map.of()))));
            assertThat(ann.callRefused(RealtimeChannel.PRESENCE, large).reason())
                    .isEqualTo("presence_limit");
            ann.call(RealtimeChannel.PRESENCE, new Change("track", Optional.of(Map.of())));
            assertThat(ann.presence()).hasSize(1);
        }
    }

    @Test
    void aClientThatDoesNotWatchGetsThePresencesWhenItTracks() {
        TestChannel ann = watching("ann", true);
        TestChannel bo = watching("bo", false);
        ann.call(RealtimeChannel.PRESENCE, new Change("track", Optional.of(Map.of())));
        assertThat(bo.presence()).isEmpty();
        bo.call(RealtimeChannel.PRESENCE, new Change("track", Optional.of(Map.of())));
        assertThat(bo.presence()).containsOnlyKeys("ann", "bo");
        bo.leave();
        assertThat(ann.presence()).containsOnlyKeys("ann");
    }

    @Test
    void eachEventOfAClientHasAHandler() {
        ChannelKit.expectHandled(
                realtime.channel(), RealtimeChannel.class, RealtimeChannel.BROADCAST, RealtimeChannel.BYTES);
    }
}
