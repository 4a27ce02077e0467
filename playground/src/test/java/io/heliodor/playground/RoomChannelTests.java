package io.heliodor.playground;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Connect;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import io.heliodor.playground.RoomChannel.Enter;
import io.heliodor.playground.RoomChannel.Failure;
import io.heliodor.playground.RoomChannel.Nap;
import io.heliodor.playground.RoomChannel.Online;
import io.heliodor.playground.RoomChannel.Typed;
import io.heliodor.playground.RoomChannel.User;
import io.heliodor.playground.RoomChannel.Users;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.Refusal;
import io.heliodor.testkit.TestChannel;
import io.heliodor.testkit.TestClient;
import io.heliodor.type.Type;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The contract of the playground for {@code room:*} and {@code history:*}. */
class RoomChannelTests {
    private static final Type<Map<String, Object>> ANY = new Type<>() {};
    private static final Event<Map<String, Object>> SHOUT = Event.of("shout", ANY);
    private static final Event<Map<String, Object>> WHISPER = Event.of("whisper", ANY);
    private static final Event<Map<String, Object>> NOTE = Event.of("note", ANY);
    private static final Event<Map<String, Object>> PUSHED = Event.of("pushed", ANY);
    private static final Call<Map<String, Object>, Map<String, Object>, Reason> ECHO = Call.of("echo", ANY, ANY);
    private static final Call<Map<String, Object>, Empty, Reason> PUSH_ME =
            Call.of("push_me", ANY, Type.of(Empty.class));
    private static final Map<String, Object> SAID = Map.of("text", "hi", "n", 1);

    private final PubSub pubsub = PubSub.local();
    private final Presence<Online> presence = Presence.over(pubsub, Online.class);
    private final RoomChannel room = new RoomChannel("local", presence);

    @AutoClose
    private final ChannelKit kit = ChannelKit.builder(UserSocket.connect(connect -> Connect.ok(
                            (Object) Empty.EMPTY,
                            "users:" + connect.param("user_id").orElse("")))
                    .channel("room:*", room.channel())
                    .channel("history:*", room.channelThatKeeps(2, Duration.ofMinutes(5)))
                    .build())
            .pubsub(pubsub)
            .presence(presence)
            .start();

    private TestChannel join(String user) {
        return kit.connect(Map.of("user_id", user)).join("room:1", new Enter(Optional.of(user)));
    }

    @Test
    void aShoutReachesAllAndAWhisperTheOthers() {
        TestChannel ann = join("ann");
        TestChannel bo = join("bo");
        ann.push(SHOUT, SAID);
        ann.push(WHISPER, SAID);
        assertThat(ann.expect(SHOUT)).isEqualTo(SAID);
        assertThat(bo.expectNext(SHOUT)).isEqualTo(SAID);
        assertThat(bo.expectNext(WHISPER)).isEqualTo(SAID);
        ann.expectNothing();
    }

    @Test
    void callsAreAnsweredByTheContract() {
        TestChannel ann = join("ann");
        assertThat(ann.call(ECHO, SAID)).isEqualTo(SAID);
        assertThat(ann.callError(RoomChannel.FAIL, new Failure("no")).reason()).isEqualTo("no");
        ann.call(PUSH_ME, SAID);
        assertThat(ann.expect(PUSHED)).isEqualTo(SAID);
        ann.call(RoomChannel.SLOW, new Nap(1));
        assertThat(ann.call(RoomChannel.TYPED, new Typed("hi", 100))).isEqualTo(new Typed("hi", 100));
        assertThat(ann.call(RoomChannel.NODE)).isEqualTo(new RoomChannel.Node("local"));
        assertThat(ann.callRefused(Call.of("unheard", Empty.class, Empty.class), Empty.EMPTY)
                        .reason())
                .isEqualTo("unhandled_event");
    }

    @Test
    void anInvalidPayloadIsRefusedNamingTheField() {
        Call<Map<String, Object>, Typed, Reason> typed = Call.of("typed", ANY, Type.of(Typed.class));
        TestChannel ann = join("ann");
        assertThat(ann.callRefused(typed, Map.of("text", "hi", "count", "3")))
                .isEqualTo(new Refusal.InvalidPayload("count", "must be an integer"));
        assertThat(ann.callRefused(typed, Map.of("text", "hi", "count", 101)))
                .isEqualTo(new Refusal.InvalidPayload("count", "must be 1 to 100"));
        Map<String, Object> tooLong = Map.of("user", "x".repeat(1_001));
        assertThat(kit.connect().joinRefused("room:1", tooLong))
                .isEqualTo(new Refusal.InvalidPayload("user", "must be at most 1000 bytes"));
    }

    @Test
    void bytesReachAll() {
        TestChannel ann = join("ann");
        TestChannel bo = join("bo");
        ann.call(RoomChannel.BIN, ByteBuffer.wrap(new byte[] {1, 2}));
        assertThat(ann.expect(RoomChannel.BYTES)).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
        assertThat(bo.expect(RoomChannel.BYTES)).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
    }

    @Test
    void aRoomCrashesOrStopsAlone() {
        TestClient client = kit.connect();
        TestChannel first = client.join("room:1");
        TestChannel second = client.join("room:2");
        first.push(RoomChannel.CRASH);
        first.expectError();
        second.push(RoomChannel.STOP);
        second.expectClose();
        assertThat(client.join("room:1").call(ECHO, SAID)).isEqualTo(SAID);
    }

    @Test
    void clientsWithAUserGetThePresencesOfTheirRoom() {
        TestChannel ann = join("ann");
        TestChannel bo = join("bo");
        TestChannel guest = kit.connect().join("room:1");
        assertThat(ann.presence(Online.class)).containsOnlyKeys("ann", "bo");
        assertThat(guest.presence()).isEmpty();
        assertThat(guest.call(RoomChannel.WHO)).isEqualTo(new Users(List.of("ann", "bo")));
        bo.client().drop();
        assertThat(ann.presence()).containsOnlyKeys("ann");
    }

    @Test
    void aKickedUserIsDisconnected() {
        TestChannel ann = join("ann");
        TestChannel bo = join("bo");
        ann.call(RoomChannel.KICK, new User("bo"));
        assertThat(bo.client().expectClose()).isEqualTo(1001);
        ann.call(RoomChannel.KICK, new User("ann"));
        assertThat(ann.client().expectClose()).isEqualTo(1001);
    }

    @Test
    void eachConnectionOfAUserIsNotified() {
        TestChannel ann = join("ann");
        TestChannel bo = join("bo");
        TestClient idle = kit.connect(Map.of("user_id", "bo"));
        for (Object body : List.of("hi", 1, List.of(true), Map.of("n", 2.5))) {
            assertThat(ann.call(RoomChannel.NOTIFY, new RoomChannel.Notice("bo", body)))
                    .isEqualTo(new RoomChannel.Reached(2));
            assertThat(bo.client().expect(RoomChannel.NOTIFIED)).isEqualTo(new RoomChannel.Notified(body));
            assertThat(idle.expect(RoomChannel.NOTIFIED)).isEqualTo(new RoomChannel.Notified(body));
        }
        assertThat(ann.call(RoomChannel.NOTIFY, new RoomChannel.Notice("nobody", "hi")))
                .isEqualTo(new RoomChannel.Reached(0));
        ann.client().expectNothing();
        bo.client().expectNothing();
        bo.expectNothing();
    }

    @Test
    void shoutsAndNotesAreKeptForAWhile() {
        TestClient client = kit.connect();
        TestChannel ann = client.join("history:1");
        TestChannel bo = kit.connect().join("history:1");
        client.drop();
        bo.push(SHOUT, SAID);
        bo.push(WHISPER, SAID);
        bo.push(NOTE, SAID);
        kit.settle();
        TestChannel back = kit.connect().rejoin(ann);
        assertThat(back.recovered()).isTrue();
        assertThat(back.expectNext(SHOUT)).isEqualTo(SAID);
        assertThat(back.expectNext(NOTE)).isEqualTo(SAID);
        back.expectNothing();
        kit.advance(Duration.ofMinutes(6));
        assertThat(kit.connect().rejoin(ann).recovered()).isFalse();
    }

    @Test
    void eachEventOfAClientHasAHandler() {
        ChannelKit.expectHandled(
                room.channelThatKeeps(1, Duration.ofMinutes(5)),
                RoomChannel.class,
                RoomChannel.PUSHED,
                RoomChannel.NOTIFIED,
                RoomChannel.BYTES);
    }
}
