package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonValue;
import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Context;
import io.heliodor.channel.DeferredReply;
import io.heliodor.channel.History;
import io.heliodor.channel.InfoMessage;
import io.heliodor.channel.Join;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Out;
import io.heliodor.channel.Reply;
import io.heliodor.channel.Stop;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.InvalidPayload;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.group.Groups;
import io.heliodor.limit.Limits;
import io.heliodor.limit.Rate;
import io.heliodor.presence.Owner;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Topic;
import io.heliodor.token.Secret;
import io.heliodor.token.TokenOutcome;
import io.heliodor.token.Tokens;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ChannelKitTests {
    /** The deadline of tests that wait until it has passed. */
    private static final Duration SHORT = Duration.ofMillis(1_500);

    private static final String ROOM = "room:1";

    record User(String name) {}

    record Text(String text) {
        Text {
            if (text.length() > 5) {
                throw new InvalidPayload("text", "must be at most 5 characters");
            }
        }
    }

    record Amount(int number) {}

    record Online(String device) {}

    record Moment(Instant at) {}

    record Nested(List<Nested> inner) {}

    record Numbers(Map<String, BigInteger> numbers) {}

    record Line(String text, @Nullable String note) {}

    /** A type whose encoded form differs from the one that can be decoded. */
    record Odd(String text) {
        public int getNumber() {
            return 7;
        }
    }

    /** The events and calls of these rooms. */
    static final class Said {
        static final Call<Text, Amount, Reason> LENGTH = Call.of("length", Text.class, Amount.class);
        static final Event<Text> SHOUT = Event.of("shout", Text.class);
        static final Event<Text> WHISPER = Event.of("whisper", Text.class);
        static final Event<Text> HEARD = Event.of("heard", Text.class);

        private Said() {}
    }

    static final Event<Amount> SLOW = Event.of("slow", Amount.class);
    static final Event<Empty> GO = Event.of("go", Empty.class);
    static final Event<ByteBuffer> BYTES = Event.of("bytes", ByteBuffer.class);
    static final InfoMessage<Integer> HOPS = InfoMessage.of("hops", Integer.class);
    static final Call<ByteBuffer, ByteBuffer, Reason> TWICE = Call.of("twice", ByteBuffer.class, ByteBuffer.class);

    private final Queue<String> left = new ConcurrentLinkedQueue<>();

    private static Channel.Builder<User, User> room() {
        return Channel.of(User.class).join(join -> Join.ok(join.socket().assigns()));
    }

    private static UserSocket<User> socket(Channel<User, ?> room) {
        return UserSocket.connect(ChannelKitTests::enter)
                .channel("room:*", room)
                .build();
    }

    private static io.heliodor.channel.ConnectOutcome<User> enter(Connect connect) {
        String name = connect.param("name").or(connect::authToken).orElse("anon");
        return name.equals("mallory") ? Connect.refuse() : Connect.ok(new User(name), "users:" + name);
    }

    private ChannelKit serve(UnaryOperator<Channel.Builder<User, User>> handlers) {
        return describe(handlers).start();
    }

    private ChannelKit.Builder describe(UnaryOperator<Channel.Builder<User, User>> handlers) {
        Channel.Builder<User, User> room = handlers.apply(room());
        room.onLeave(
                (why, in) -> left.add(in.assigns().name() + " " + why.getClass().getSimpleName()));
        return ChannelKit.builder(socket(room.build()));
    }

    /** The server of most tests: all members get a shout, and all but its sender get a whisper. */
    private ChannelKit chat() {
        return serve(ChannelKitTests::chatting);
    }

    private static Channel.Builder<User, User> chatting(Channel.Builder<User, User> room) {
        return room.answer(
                        Said.LENGTH,
                        (text, in) -> Reply.ok(new Amount(text.text().length())))
                .on(Said.SHOUT, (text, in) -> in.broadcast(Said.HEARD, text))
                .on(Said.WHISPER, (text, in) -> in.broadcastFrom(Said.HEARD, text));
    }

    private static TestClient client(ChannelKit kit, String name) {
        return kit.connect(Map.of("name", name));
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertFails(ThrowingCallable call) {
        return assertThatThrownBy(call).isExactlyInstanceOf(AssertionError.class);
    }

    // Messages.

    @Test
    void aCallIsAnsweredAndABroadcastReachesBoth() {
        try (ChannelKit kit = chat()) {
            TestChannel ann = client(kit, "ann").join(ROOM);
            TestChannel ben = client(kit, "ben").join(ROOM);
            assertThat(ann.call(Said.LENGTH, new Text("hi"))).isEqualTo(new Amount(2));
            ann.push(Said.SHOUT, new Text("hey"));
            assertThat(ann.expect(Said.HEARD)).isEqualTo(new Text("hey"));
            assertThat(ben.expect(Said.HEARD)).isEqualTo(new Text("hey"));
            ann.push(Said.WHISPER, new Text("psst"));
            assertThat(ben.expect(Said.HEARD)).isEqualTo(new Text("psst"));
            ann.expectNothing();
            kit.channels().broadcast(ROOM, Said.HEARD, new Text("all"));
            assertThat(ann.expect(Said.HEARD)).isEqualTo(new Text("all"));
            Groups.over(kit.pubsub()).create("all").add(ROOM).broadcast(Said.HEARD, new Text("group"));
            assertThat(ann.expect(Said.HEARD)).isEqualTo(new Text("group"));
            assertThat(kit.metrics().value("heliodor.connections")).isEqualTo(2);
        }
    }

    @Test
    void bytesGoBothWays() {
        try (ChannelKit kit = serve(room -> room.on(BYTES, (bytes, in) -> {
                    in.push(BYTES, bytes);
                    return in.broadcast(BYTES, bytes);
                })
                .answer(TWICE, (bytes, in) -> Reply.ok(ByteBuffer.wrap(new byte[] {bytes.get(0), bytes.get(0)}))))) {
            TestChannel ann = client(kit, "ann").join(ROOM);
            ann.push(BYTES, ByteBuffer.wrap(new byte[] {1, 2}));
            assertThat(ann.expect(BYTES)).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
            assertThat(ann.expect(BYTES)).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
            assertThat(ann.call(TWICE, ByteBuffer.wrap(new byte[] {3}))).isEqualTo(ByteBuffer.wrap(new byte[] {3, 3}));
        }
    }

    @Test
    void aCallThatIsRefusedFailsWithTheReceivedFrames() {
        try (ChannelKit kit = serve(room -> room.answer(Said.LENGTH, (text, in) -> Reply.error("muted")))) {
            TestChannel ann = client(kit, "ann").join(ROOM);
            assertThat(ann.callRefused(Said.LENGTH, new Text("hi")).reason()).isEqualTo("muted");
            assertFails(() -> ann.call(Said.LENGTH, new Text("hi")))
                    .hasMessage("Expected an answer to the call 'length' on room:1; it was refused with"
                            + " {\"reason\":\"muted\"}. If intended, use callRefused.\n"
                            + "What this client sent (->) and got (<-), in order:\n"
                            + "  -> room:1 phx_join {} (1)\n"
                            + "  <- room:1 ok {}\n"
                            + "  -> room:1 length {\"text\":\"hi\"} (2)\n"
                            + "  <- room:1 error {\"reason\":\"muted\"} (2)\n"
                            + "  -> room:1 length {\"text\":\"hi\"} (3)\n"
                            + "  <- room:1 error {\"reason\":\"muted\"} (3)");
        }
    }

    @Test
    void aCallThatIsAnsweredIsNotRefused() {
        try (ChannelKit kit = chat()) {
            TestChannel ann = client(kit, "ann").join(ROOM);
            assertFails(() -> ann.callRefused(Said.LENGTH, new Text("hi")))
                    .hasMessageStartingWith("Expected the call 'length' on room:1 to be refused;"
                            + " it was answered with {\"number\":2}.\n");
        }
    }

    @Test
    void aRefusalOfTheServerIsMatchedAsAValue() {
        Call<Map<String, String>, Amount, Reason> wrong = Call.of(
                "length", new io.heliodor.type.Type<Map<String, String>>() {}, io.heliodor.type.Type.of(Amount.class));
        try (ChannelKit kit = chat()) {
            TestChannel ann = client(kit, "ann").join(ROOM);
            Refusal refusal = ann.callRefused(wrong, Map.of("text", "too long"));
            assertThat(refusal).isEqualTo(new Refusal.InvalidPayload("text", "must be at most 5 characters"));
            assertThat(refusal.reason()).isEqualTo("invalid_payload");
            assertThat(ann.pushRefused(SLOW, new Amount(1))).isEqualTo(new Refusal.Plain("unhandled_event"));
        }
    }

    @Test
    void aMessageOverItsRateIsRefusedWithTheTimeAfterWhichThereIsRoom() {
        try (ChannelKit kit = serve(room ->
                chatting(room).messageRate(Rate.of(1, Duration.ofSeconds(10)).burst(1)))) {
            TestChannel ann = client(kit, "ann").join(ROOM);
            assertThat(ann.call(Said.LENGTH, new Text("hi"))).isEqualTo(new Amount(2));
            Duration left = switch (ann.callRefused(Said.LENGTH, new Text("hi"))) {
                case Refusal.RateLimited(var retryAfter) -> retryAfter;
                case Refusal other -> throw new AssertionError(other);
            };
            assertThat(left).isEqualTo(Duration.ofSeconds(10));
            kit.advance(left);
            assertThat(ann.call(Said.LENGTH, new Text("hi"))).isEqualTo(new Amount(2));
        }
    }

    @Test
    void anErrorOfTheApplicationIsReadAsItsType() {
        Call<Text, Amount, Amount> typed =
                Call.of("length", Text.class, Amount.class).failingWith(Amount.class);
        try (ChannelKit kit = serve(room -> room.answer(typed, (text, in) -> Reply.error(new Amount(7))))) {
            TestChannel ann = client(kit, "ann").join(ROOM);
            assertThat(ann.callError(typed, new Text("hi"))).isEqualTo(new Amount(7));
            Refusal refusal = ann.callRefused(typed, new Text("hi"));
            assertThat(refusal).isInstanceOfSatisfying(Refusal.Other.class, other -> {
                assertThat(other.as(Amount.class)).isEqualTo(new Amount(7));
                assertThat(other).hasToString("{\"number\":7}");
                assertFails(() -> other.as(Text.class)).hasMessageContaining("'text' is missing");
                assertFails(other::reason).hasMessageStartingWith("The refusal has no text 'reason'");
            });
        }
    }

    @Test
    void aRefusalOfAnEventCanBeExpected() {
        try (ChannelKit kit = serve(room ->
                room.on(Said.SHOUT, (text, in) -> text.text().isEmpty() ? Reply.error("empty") : NoReply.none()))) {
            TestChannel ann = client(kit, "ann").join(ROOM);
            assertThat(ann.pushRefused(Said.SHOUT, new Text("")).reason()).isEqualTo("empty");
            assertThat(ann.pushRefused(Said.WHISPER, new Text("?")).reason()).isEqualTo("unhandled_event");
            assertFails(() -> ann.pushRefused(Said.SHOUT, new Text("hi")))
                    .hasMessageStartingWith("Expected the event 'shout' on room:1 to be refused; it was not.\n");
        }
    }

    @Test
    void aMissingEventFailsWithTheDeadlineAndTheReceivedFrames() {
        try (ChannelKit kit =
                describe(ChannelKitTests::chatting).deadline(SHORT).start()) {
            TestChannel ann = client(kit, "ann").join(ROOM);
            ann.push(Said.SHOUT, new Text("hi"));
            assertFails(() -> ann.expect(Said.SHOUT))
                    .hasMessageStartingWith("Expected the event 'shout' on room:1; it did not come within 1.5 s.\n")
                    .hasMessageEndingWith("  <- room:1 heard {\"text\":\"hi\"}  not expected yet");
            assertThat(ann.expect(Said.HEARD)).isEqualTo(new Text("hi"));
        }
    }

    @Test
    void theNextEventIsTheOneThatCameFirst() {
        try (ChannelKit kit = serve(room -> room.on(GO, (nothing, in) -> {
            in.push(Said.HEARD, new Text("1"));
            in.push(Said.SHOUT, new Text("2"));
            return in.push(Said.HEARD, new Text("3"));
        }))) {
            TestChannel ann = client(kit, "ann").join(ROOM);
            ann.push(GO);
            assertThat(ann.expect(Said.SHOUT)).isEqualTo(new Text("2"));
            assertThat(ann.expectNext(Said.HEARD)).isEqualTo(new Text("1"));
            assertThat(ann.expectNext(Said.HEARD)).isEqualTo(new Text("3"));
            ann.push(GO);
            assertFails(() -> ann.expectNext(Said.SHOUT))
                    .hasMessageStartingWith(
                            "Expected next the event 'shout' on room:1; 'heard' came before:" + " {\"text\":\"1\"}.\n");
        }
    }

    @Test
    void aPayloadThatCannotBeDecodedIsReported() {
        Event<Odd> odd = Event.of("odd", Odd.class);
        Event<Map<String, Object>> same = Event.of("odd", new io.heliodor.type.Type<Map<String, Object>>() {});
        try (ChannelKit kit = serve(room -> room.on(GO, (nothing, in) -> in.push(same, Map.of("number", 7))))) {
            TestChannel ann = client(kit, "ann").join(ROOM);
            ann.push(GO);
            assertFails(() -> ann.expect(odd))
                    .hasMessageStartingWith("The payload of 'odd' on room:1 does not fit " + Odd.class.getName()
                            + ": 'text' is missing. It was {\"number\":7}.");
        }
    }

    @Test
    void aPayloadThatCannotBeEncodedCrashesTheChannelAndIsNamed() {
        record Bare(@JsonValue int value) {}
        Event<Bare> broken = Event.of("broken", Bare.class);
        try (ChannelKit kit = serve(room -> room.on(GO, (nothing, in) -> in.push(broken, new Bare(7))))) {
            TestChannel ann = client(kit, "ann").join(ROOM);
            ann.push(GO);
            assertFails(() -> ann.expect(broken))
                    .hasMessageContaining("room:1 has crashed")
                    .hasMessageContaining("is not written as a JSON object")
                    .hasCauseInstanceOf(IllegalArgumentException.class);
        }
    }

    // The absence of events.

    @Test
    void theAbsenceOfAnEventIsExactThoughAHandlerIsSlow() {
        try (ChannelKit kit = serve(room -> room.on(SLOW, (number, in) -> {
            Thread.sleep(number.number());
            return in.push(Said.HEARD, new Text("late"));
        }))) {
            TestChannel ann = client(kit, "ann").join(ROOM);
            ann.push(SLOW, new Amount(100));
            assertFails(() -> ann.expectNothing(Said.HEARD))
                    .hasMessageStartingWith("Expected no 'heard' on room:1; 'heard' came: {\"text\":\"late\"}.\n");
            ann.expectNothing(Said.HEARD);
        }
    }

    @Test
    void theAbsenceOfAnEventIsExactIfChannelsNotifyEachOther() {
        Queue<Context<?, User>> players = new ConcurrentLinkedQueue<>();
        try (ChannelKit kit = serve(room -> room.onJoined(in -> {
                    if (in.topic().equals(ROOM)) {
                        players.add(in);
                    }
                })
                .on(GO, (nothing, in) -> {
                    in.send(HOPS, 2_000);
                    return NoReply.none();
                })
                .onInfo(HOPS, (hops, in) -> {
                    if (hops == 0) {
                        return in.push(Said.HEARD, new Text("late"));
                    }
                    players.stream().filter(other -> !other.equals(in)).forEach(other -> other.send(HOPS, hops - 1));
                    return NoReply.none();
                }))) {
            TestChannel ann = client(kit, "ann").join(ROOM);
            // So that a check of one after the other takes a while.
            TestClient between = client(kit, "between");
            for (int i = 0; i < 50; i++) {
                between.join("room:idle-" + i);
            }
            client(kit, "ben").join(ROOM);
            kit.settle();
            ann.push(GO);
            assertFails(() -> ann.expectNothing(Said.HEARD)).hasMessageContaining("late");
        }
    }

    @Test
    void theKitWaitsForSubscribersOfThePubSub() {
        Topic<Text> topic = Topic.of("shouts", Text.class);
        try (ChannelKit kit = serve(room -> room.on(GO, (nothing, in) -> NoReply.none()))) {
            kit.pubsub().subscribe(topic, text -> kit.channels().broadcast(ROOM, Said.HEARD, text));
            TestChannel ann = client(kit, "ann").join(ROOM);
            kit.pubsub().broadcast(topic, new Text("hi"));
            assertFails(() -> ann.expectNothing()).hasMessageStartingWith("Expected nothing more on room:1; 'heard'");
        }
    }

    @Test
    void aHandlerThatDoesNotReturnIsNamed() {
        CountDownLatch gate = new CountDownLatch(1);
        try (ChannelKit kit = describe(room -> room.on(GO, (nothing, in) -> {
                    gate.await();
                    return NoReply.none();
                }))
                .deadline(SHORT)
                .start()) {
            TestChannel ann = client(kit, "ann").join(ROOM);
            ann.push(GO);
            assertFails(() -> ann.expectNothing(Said.HEARD))
                    .hasMessageStartingWith(
                            "Work is still pending after 1.5 s. Still running: the handler of 'go' on room:1, at ")
                    .hasMessageContaining("ChannelKitTests");
            assertFails(() -> ann.expect(Said.HEARD))
                    .hasMessageContaining("\nStill running: the handler of 'go' on room:1, at ");
            gate.countDown();
        }
    }

    // Joining, and ends.

    @Test
    void aJoinIsAnsweredOrRefused() {
        record Enter(String password) {}
        Channel<User, User> guarded = Channel.of(User.class)
                .join(
                        Enter.class,
                        (enter, join) -> enter.password().equals("sesame")
                                ? Join.ok(join.socket().assigns(), new Amount(3))
                                : Join.<User>refuse("unauthorized"))
                .build();
        try (ChannelKit kit = ChannelKit.start(socket(guarded))) {
            TestClient ann = client(kit, "ann");
            assertThat(ann.joinRefused(ROOM, new Enter("please")).reason()).isEqualTo("unauthorized");
            assertThat(ann.joinRefused(ROOM).reason()).isEqualTo("invalid_payload");
            assertThat(ann.joinRefused("hall:1").reason()).isEqualTo("unmatched topic");
            TestChannel joined = ann.join(ROOM, new Enter("sesame"));
            assertThat(joined.reply(Amount.class)).isEqualTo(new Amount(3));
            assertThat(joined.topic()).isEqualTo(ROOM);
            assertThat(joined.client()).isSameAs(ann);
            assertThat(joined.recovered()).isFalse();
            assertFails(() -> joined.reply(Text.class))
                    .hasMessageStartingWith("The reply to the join of room:1 does not fit");
            assertFails(() -> ann.join("room:2", new Enter("please")))
                    .hasMessageStartingWith("Expected to join room:2; it was refused with"
                            + " {\"reason\":\"unauthorized\"}. If intended, use joinRefused.\n");
            assertFails(() -> ann.joinRefused("room:2", new Enter("sesame")))
                    .hasMessageStartingWith("Expected the join of room:2 to be refused; the client has joined.\n");
        }
    }

    @Test
    void aJoinThatFailsIsNamed() {
        Channel<User, User> broken = Channel.of(User.class)
                .join(join -> {
                    if (join.topic().equals(ROOM)) {
                        throw new IllegalStateException("no database");
                    }
                    return Join.ok(join.socket().assigns());
                })
                .build();
        try (ChannelKit kit = ChannelKit.start(socket(broken))) {
            TestClient ann = client(kit, "ann");
            assertFails(() -> ann.join(ROOM))
                    .hasMessageContaining("join crashed")
                    .hasMessageEndingWith("The last failure on room:1: java.lang.IllegalStateException: no database")
                    .hasCauseInstanceOf(IllegalStateException.class);
            assertFails(() -> ann.joinRefused(ROOM))
                    .hasMessageStartingWith("Expected the join of room:1 to be refused; the join handler failed.\n")
                    .hasCauseInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aReplyToAJoinThatCannotBeWrittenIsNamed() {
        Map<String, Object> endless = new HashMap<>();
        endless.put("endless", endless);
        Channel<User, User> broken = Channel.of(User.class)
                .join(join -> Join.ok(join.socket().assigns(), endless))
                .build();
        try (ChannelKit kit = ChannelKit.start(socket(broken))) {
            TestClient ann = client(kit, "ann");
            assertFails(() -> ann.join(ROOM))
                    .hasMessageContaining("join crashed")
                    .hasCauseInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Jackson cannot write");
        }
    }

    @Test
    @SuppressWarnings("NullAway") // what must not be
    void aNullThatCouldNotBeReadBackFailsWithTheEventTheTypeAndTheComponent() {
        String where = " has null as 'text' of " + Line.class.getName() + ", which would be refused if it were read.";
        Event<Line> line = Event.of("line", Line.class);
        Call<Empty, Line, Reason> last = Call.of("last", Empty.class, Line.class);
        try (ChannelKit kit = serve(room -> room.on(GO, (nothing, in) -> in.push(line, new Line(null, null)))
                .answer(last, (nothing, in) -> Reply.ok(new Line(null, null))))) {
            TestClient client = client(kit, "ann");
            TestChannel ann = client.join(ROOM);
            kit.channels().broadcast(ROOM, line, new Line("a", null));
            assertThat(ann.expect(line)).isEqualTo(new Line("a", null));
            assertFails(() -> kit.channels().broadcast(ROOM, line, new Line(null, null)))
                    .hasMessageStartingWith("The payload of 'line'" + where);
            ann.push(GO);
            assertFails(() -> ann.expect(line))
                    .hasMessageContaining("room:1 has crashed")
                    .cause()
                    .isExactlyInstanceOf(AssertionError.class)
                    .hasMessageStartingWith("The payload of 'line'" + where);
            TestChannel again = client.join(ROOM);
            assertFails(() -> again.call(last)).cause().hasMessageStartingWith("The payload of 'last'" + where);
            TestChannel third = client.join(ROOM);
            assertThat(third.pushRefused(line, new Line(null, null)).reason()).isEqualTo("unhandled_event");
        }
    }

    @Test
    void aClientThatLeavesGetsNoFurtherEvents() {
        try (ChannelKit kit = chat()) {
            TestChannel ann = client(kit, "ann").join(ROOM);
            ann.leave();
            kit.channels().broadcast(ROOM, Said.HEARD, new Text("hi"));
            ann.expectNothing();
            assertThat(left).containsExactly("ann Left");
            assertFails(() -> ann.expect(Said.HEARD))
                    .hasMessageStartingWith("Expected the event 'heard' on room:1; room:1 is closed.\n");
        }
    }

    @Test
    void aTopicIsJoinedAnew() {
        try (ChannelKit kit = chat()) {
            TestClient client = client(kit, "ann");
            TestChannel first = client.join(ROOM);
            TestChannel second = client.join(ROOM);
            first.expectClose();
            kit.channels().broadcast(ROOM, Said.HEARD, new Text("hi"));
            assertThat(second.expect(Said.HEARD)).isEqualTo(new Text("hi"));
            first.expectNothing();
            assertThat(left).containsExactly("ann Replaced");
            assertThat(client.joinRefused("hall:1").reason()).isEqualTo("unmatched topic");
        }
    }

    @Test
    void aChannelIsStopped() {
        try (ChannelKit kit = serve(room -> room.on(GO, (nothing, in) -> Stop.because("over"))
                .answer(Said.LENGTH, (text, in) -> Stop.because("over").replying(Reply.<Amount>error("last"))))) {
            TestClient client = client(kit, "ann");
            TestChannel ann = client.join(ROOM);
            ann.push(GO);
            ann.expectClose();
            TestChannel again = client.join(ROOM);
            assertThat(again.callRefused(Said.LENGTH, new Text("hi")).reason()).isEqualTo("last");
            again.expectClose();
            assertFails(again::expectError).hasMessageStartingWith("Expected the crash of room:1; room:1 is closed.\n");
            kit.settle();
            assertThat(left).containsExactly("ann Stopped", "ann Stopped");
        }
    }

    @Test
    void aChannelCrashesAndIsJoinedAgain() {
        try (ChannelKit kit = serve(room -> room.on(GO, (nothing, in) -> {
            throw new IllegalStateException("out of luck");
        }))) {
            TestClient client = client(kit, "ann");
            TestChannel ann = client.join(ROOM);
            ann.push(GO);
            ann.expectError();
            assertFails(ann::expectClose)
                    .hasMessageStartingWith("Expected the close of room:1; room:1 has crashed.\n")
                    .hasMessageEndingWith("The last failure on room:1: java.lang.IllegalStateException: out of luck")
                    .hasCauseInstanceOf(IllegalStateException.class);
            assertFails(() -> ann.expect(Said.HEARD)).hasMessageContaining("room:1 has crashed");
            TestChannel again = client.rejoin(ann);
            again.expectNothing();
            assertThat(left).containsExactly("ann Failed");
        }
    }

    @Test
    void hooksExpectedExceptionsAndTimeoutsAreThoseOfTheSocket() {
        Queue<String> invoked = new ConcurrentLinkedQueue<>();
        Channel<User, User> room = room().answer(Said.LENGTH, (text, in) -> {
                    throw text.text().isEmpty()
                            ? new IllegalStateException("a")
                            : new UnsupportedOperationException("b");
                })
                .on(GO, (nothing, in) -> {
                    new CountDownLatch(1).await();
                    return NoReply.none();
                })
                .onException(UnsupportedOperationException.class, e -> Reply.error("of the channel"))
                .handlerTimeout(Duration.ofSeconds(3))
                .build();
        UserSocket<User> socket = UserSocket.connect(ChannelKitTests::enter)
                .around(invocation -> {
                    invoked.add(invocation.socket().assigns().name() + " "
                            + invocation.handler().name());
                    invocation.proceed();
                })
                .onException(IllegalStateException.class, e -> Reply.error("of the socket"))
                .channel("room:*", room)
                .build();
        try (ChannelKit kit = ChannelKit.start(socket)) {
            TestChannel ann = client(kit, "ann").join(ROOM);
            assertThat(ann.callRefused(Said.LENGTH, new Text("")).reason()).isEqualTo("of the socket");
            assertThat(ann.callRefused(Said.LENGTH, new Text("hi")).reason()).isEqualTo("of the channel");
            ann.push(GO);
            kit.advance(Duration.ofSeconds(5));
            ann.expectError();
            assertThat(invoked).startsWith("ann join", "ann length", "ann length", "ann go");
        }
    }

    @Test
    void aReplyMayComeLaterFromAnotherThread() {
        Queue<DeferredReply<Amount, Reason>> owed = new ConcurrentLinkedQueue<>();
        try (ChannelKit kit = describe(room -> room.answerLater(Said.LENGTH, (text, in, answer) -> {
                    if (text.text().isEmpty()) {
                        owed.add(answer);
                    } else {
                        Thread.startVirtualThread(() -> answer.send(Reply.ok(new Amount(1))));
                    }
                }))
                .deadline(SHORT)
                .start()) {
            TestChannel ann = client(kit, "ann").join(ROOM);
            assertThat(ann.call(Said.LENGTH, new Text("hi"))).isEqualTo(new Amount(1));
            assertFails(() -> ann.call(Said.LENGTH, new Text("")))
                    .hasMessageStartingWith(
                            "Expected an answer to the call 'length' on room:1; it did not come within 1.5 s.\n");
            assertThat(owed).hasSize(1);
        }
    }

    @Test
    void anInterceptChangesTheEventForOneMember() {
        try (ChannelKit kit = serve(room -> room.intercept(
                Said.HEARD,
                (text, in) -> in.assigns().name().equals("ann")
                        ? Out.replace(new Text(text.text() + "!"))
                        : in.assigns().name().equals("ben") ? Out.drop() : Out.pass()))) {
            TestChannel ann = client(kit, "ann").join(ROOM);
            TestChannel ben = client(kit, "ben").join(ROOM);
            TestChannel cy = client(kit, "cy").join(ROOM);
            kit.channels().broadcast(ROOM, Said.HEARD, new Text("hi"));
            assertThat(ann.expect(Said.HEARD)).isEqualTo(new Text("hi!"));
            assertThat(cy.expect(Said.HEARD)).isEqualTo(new Text("hi"));
            ben.expectNothing();
        }
    }

    @Test
    void aSubscribedChannelGetsPublishedMessages() {
        Topic<Text> topic = Topic.of("shouts", Text.class);
        try (ChannelKit kit = serve(room ->
                room.onJoined(in -> in.subscribe(topic)).onPublished(topic, (text, in) -> in.push(Said.HEARD, text)))) {
            TestChannel ann = client(kit, "ann").join(ROOM);
            kit.settle();
            kit.pubsub().broadcast(topic, new Text("hi"));
            assertThat(ann.expect(Said.HEARD)).isEqualTo(new Text("hi"));
        }
    }

    // Connections.

    @Test
    void theConnectHandlerAcceptsAndRefusesClients() {
        try (ChannelKit kit = chat()) {
            assertThat(kit.connectRefused(Map.of("name", "mallory"))).isEqualTo(403);
            assertThat(kit.request().authToken("mallory").refused()).isEqualTo(Connect.refuse());
            assertFails(() -> client(kit, "mallory"))
                    .hasMessage("Expected a client with the params {name=mallory} to be accepted;"
                            + " it was refused with status 403.");
            assertFails(() -> kit.connectRefused(Map.of("name", "ann")))
                    .hasMessage("Expected a client with the params {name=ann} to be refused; it was accepted.");
            kit.connect().join(ROOM);
        }
        UserSocket<String> broken = UserSocket.<String>connect(connect -> {
                    throw new IllegalStateException(connect.header("X-Name").orElse("?") + connect.remoteAddress());
                })
                .channel(
                        "room:*",
                        Channel.of(String.class).join(join -> Join.ok("")).build())
                .build();
        try (ChannelKit kit = ChannelKit.start(broken)) {
            ChannelKit.Request request = kit.request().header("x-name", "ann ").remoteAddress("10.0.0.1");
            assertFails(request::connect)
                    .hasMessage("Expected a client with the params {} to be accepted; the connect handler threw"
                            + " java.lang.IllegalStateException: ann 10.0.0.1, for which a server responds with status"
                            + " 500.")
                    .cause()
                    .isExactlyInstanceOf(IllegalStateException.class)
                    .hasMessage("ann 10.0.0.1");
            assertFails(request::refused)
                    .hasMessageStartingWith("Expected a client with the params {} to be refused; the connect handler"
                            + " threw java.lang.IllegalStateException: ann 10.0.0.1,")
                    .cause()
                    .hasMessage("ann 10.0.0.1");
            assertFails(() -> kit.connectRefused(Map.of())).cause().hasMessage("?127.0.0.1");
        }
    }

    @Test
    void theConnectHandlerSeesTheRequest() {
        List<Connect> seen = new ArrayList<>();
        UserSocket<String> socket = UserSocket.<String>connect(connect -> {
                    seen.add(connect);
                    return Connect.ok("ann");
                })
                .channel(
                        "room:*",
                        Channel.of(String.class).join(join -> Join.ok("")).build())
                .build();
        try (ChannelKit kit = ChannelKit.start(socket)) {
            kit.request()
                    .path("/other/websocket")
                    .params(Map.of("a", "1"))
                    .header("X-Tag", "t")
                    .cookie("sid", "abc")
                    .scheme("https")
                    .remoteAddress("::1")
                    .connect();
            kit.connect();
        }
        Connect connect = seen.getFirst();
        assertThat(connect.path()).isEqualTo("/other/websocket");
        assertThat(connect.params()).isEqualTo(Map.of("a", List.of("1")));
        assertThat(connect.headers()).isEqualTo(Map.of("x-tag", List.of("t")));
        assertThat(connect.cookie("sid")).contains("abc");
        assertThat(connect.scheme()).contains("https");
        assertThat(connect.remoteAddress()).isEqualTo("0:0:0:0:0:0:0:1");
        assertThat(connect.tls()).isEmpty();
        assertThat(seen.getLast().path()).isEqualTo("/socket/websocket");
    }

    @Test
    void eachEndOfAConnectionHasItsReason() {
        try (ChannelKit kit = chat()) {
            TestClient ann = client(kit, "ann");
            TestClient ben = client(kit, "ben");
            TestClient cy = client(kit, "cy");
            TestClient dee = client(kit, "dee");
            TestChannel joined = ann.join(ROOM);
            ben.join(ROOM);
            cy.join(ROOM);
            dee.join(ROOM);
            ann.disconnect();
            ben.drop();
            kit.channels().disconnect("users:cy");
            assertThat(cy.expectClose()).isEqualTo(1001);
            kit.drain();
            assertThat(dee.expectClose()).isEqualTo(1001);
            kit.settle();
            assertThat(left)
                    .containsExactlyInAnyOrder("ann Disconnected", "ben Disconnected", "cy Closed", "dee Draining");
            assertThat(kit.connectRefused(Map.of())).isEqualTo(503);
            assertFails(() -> joined.expect(Said.HEARD))
                    .hasMessageStartingWith("Expected the event 'heard' on room:1; the connection has ended.\n")
                    .hasMessageEndingWith("This client disconnected.");
            assertFails(ann::expectClose).hasMessageStartingWith("Expected the end of the connection by the server;");
        }
    }

    @Test
    void aDisconnectWhileTheConnectHandlerRunsAppliesUnlessThatHandlerSentIt() {
        var kits = new AtomicReference<ChannelKit>();
        UserSocket<String> socket = UserSocket.<String>connect(connect -> {
                    Thread other = new Thread(() -> kits.get().channels().disconnect("users:1"));
                    if (connect.param("by").orElse("").equals("other")) {
                        other.start();
                        other.join();
                    } else {
                        kits.get().channels().disconnect("users:1");
                    }
                    return Connect.ok("one", "users:1");
                })
                .channel(
                        "room:*",
                        Channel.of(String.class).join(join -> Join.ok("a")).build())
                .build();
        try (ChannelKit kit = ChannelKit.start(socket)) {
            kits.set(kit);
            assertThat(kit.connect(Map.of("by", "other")).expectClose()).isEqualTo(1001);
            TestClient first = kit.connect();
            TestClient second = kit.connect();
            assertThat(first.expectClose()).isEqualTo(1001);
            second.join("room:1");
        }
    }

    @Test
    void aMessageThatIsTooLargeEndsTheConnectionAfterThoseBeforeIt() {
        Event<Raw> raw = Event.of("any", Raw.class);
        Event<Map<String, String>> any = Event.of("any", new io.heliodor.type.Type<>() {});
        Channel<User, User> room = room().on(raw, (payload, in) -> {
                    in.push(raw, payload);
                    return NoReply.none();
                })
                .sends(raw)
                .build();
        try (ChannelKit kit = ChannelKit.builder(socket(room))
                .limits(Limits.openInternet().sessions(s -> s.maxMessageBytes(1 << 10)))
                .start()) {
            TestClient ann = client(kit, "ann");
            TestChannel channel = ann.join(ROOM);
            for (int i = 0; i < 20; i++) {
                channel.push(any, Map.of("text", "" + i));
            }
            channel.push(any, Map.of("text", "x".repeat(1 << 10)));
            for (int i = 0; i < 20; i++) {
                assertThat(channel.expect(any)).containsEntry("text", "" + i);
            }
            assertThat(ann.expectClose()).isEqualTo(1009);
        }
    }

    @Test
    void anIdleClientIsClosedByTheClock() {
        try (ChannelKit kit = chat()) {
            TestClient ann = client(kit, "ann");
            TestClient ben = client(kit, "ben");
            ann.join(ROOM);
            TestChannel awake = ben.join(ROOM);
            kit.advance(Duration.ofMinutes(10));
            assertThat(kit.elapsed()).isEqualTo(Duration.ofMinutes(10));
            assertThat(kit.metrics().value("heliodor.connections")).isEqualTo(2);
            ann.hang();
            kit.advance(Duration.ofSeconds(59));
            assertThat(kit.metrics().value("heliodor.connections")).isEqualTo(2);
            kit.advance(Duration.ofSeconds(33));
            assertThat(ann.expectClose()).isEqualTo(1001);
            assertThat(left).containsExactly("ann HeartbeatTimeout");
            awake.expectNothing();
            TestClient cy = client(kit, "cy");
            cy.hang();
            kit.advance(Duration.ofSeconds(62));
            assertThat(cy.expectClose()).isEqualTo(1001);
            assertThatIllegalArgumentException().isThrownBy(() -> kit.advance(Duration.ofSeconds(-1)));
        }
    }

    @Test
    void aFullMailboxEndsTheConnectionByTheClockThoughAHandlerBlocks() {
        CountDownLatch gate = new CountDownLatch(1);
        Channel<User, User> room = room().on(GO, (nothing, in) -> {
                    gate.await();
                    return NoReply.none();
                })
                .build();
        try (ChannelKit kit = ChannelKit.builder(socket(room))
                .limits(Limits.openInternet().sessions(s -> s.maxMailboxMessages(2)))
                .start()) {
            TestClient ann = client(kit, "ann");
            TestChannel joined = ann.join(ROOM);
            for (int i = 0; i < 5; i++) {
                joined.push(GO);
            }
            kit.advance(Duration.ofSeconds(32));
            assertThat(ann.expectClose()).isEqualTo(1008);
            gate.countDown();
        }
    }

    @Test
    void channelsThatWereBuiltBeforeTheKitHaveItsClock() {
        TestClock clock = TestClock.create();
        Event<Moment> now = Event.of("now", Moment.class);
        Tokens<String> tokens = Tokens.of(String.class, "test")
                .secrets(Secret.of("a secret of 32 characters or more"))
                .clock(clock)
                .build();
        Channel<User, User> room = room().on(GO, (nothing, in) -> in.push(now, new Moment(clock.instant())))
                .build();
        Instant begin = Instant.parse("2026-01-01T00:00:00Z");
        String token = tokens.sign("ann");
        TestChannel ann;
        try (ChannelKit kit = ChannelKit.builder(socket(room)).clock(clock).start()) {
            ann = client(kit, "ann").join(ROOM);
            ann.push(GO);
            assertThat(ann.expect(now)).isEqualTo(new Moment(begin));
            kit.advance(Duration.ofHours(1));
            ann.push(GO);
            assertThat(ann.expect(now)).isEqualTo(new Moment(begin.plus(Duration.ofHours(1))));
            assertThat(kit.clock()).isSameAs(clock);
            assertThatIllegalStateException()
                    .isThrownBy(
                            () -> ChannelKit.builder(socket(room)).clock(clock).start())
                    .withMessageStartingWith("This clock belongs to another ChannelKit");
        }
        try (ChannelKit again = ChannelKit.builder(socket(room)).clock(clock).start()) {
            assertThat(again.elapsed()).isZero();
            again.advance(Duration.ofDays(30));
            assertThat(clock.instant()).isEqualTo(begin.plus(Duration.ofDays(30).plusHours(1)));
            assertThat(clock.withZone(ZoneOffset.ofHours(1)).instant()).isEqualTo(clock.instant());
            assertThat(tokens.verify(token)).isInstanceOf(TokenOutcome.Expired.class);
        }
    }

    // Histories and presence.

    @Test
    void aHistoryReplaysMissedMessagesUntilTheyAreTooOld() {
        try (ChannelKit kit = serve(room -> room.history(History.of(10, Duration.ofMinutes(5), Said.HEARD)))) {
            TestClient first = client(kit, "ann");
            TestChannel ann = first.join(ROOM);
            client(kit, "ben").join(ROOM);
            kit.channels().broadcast(ROOM, Said.HEARD, new Text("1"));
            assertThat(ann.expect(Said.HEARD)).isEqualTo(new Text("1"));
            first.drop();
            kit.channels().broadcast(ROOM, Said.HEARD, new Text("2"));
            kit.channels().broadcast(ROOM, Said.HEARD, new Text("3"));
            TestChannel back = client(kit, "ann").rejoin(ann);
            assertThat(back.recovered()).isTrue();
            assertThat(back.expectNext(Said.HEARD)).isEqualTo(new Text("2"));
            assertThat(back.expectNext(Said.HEARD)).isEqualTo(new Text("3"));
            back.expectNothing();
            back.client().drop();
            kit.channels().broadcast(ROOM, Said.HEARD, new Text("4"));
            TestChannel again = client(kit, "ann").rejoin(back);
            assertThat(again.recovered()).isTrue();
            assertThat(again.expectNext(Said.HEARD)).isEqualTo(new Text("4"));
            again.expectNothing();
            kit.channels().broadcast(ROOM, Said.HEARD, new Text("5"));
            kit.advance(Duration.ofMinutes(6));
            TestChannel late = client(kit, "ann").rejoin(back);
            assertThat(late.recovered()).isFalse();
            late.expectNothing();
        }
    }

    @Test
    void presenceIsThatOfAPhoenixClient() {
        try (PubSub pubsub = PubSub.local();
                Presence<Online> presence = Presence.over(
                        pubsub, Online.class, (topic, present) -> Map.of("ann", Map.of("name", "Ms. Ann")));
                Owner bot = Owner.of(ROOM)) {
            presence.track(bot, "bot", new Online("rack"));
            Channel<User, User> room = room().onJoined(
                            in -> presence.track(in, in.assigns().name(), new Online("web")))
                    .on(GO, (nothing, in) -> {
                        presence.update(in, in.assigns().name(), before -> new Online("phone"));
                        return NoReply.none();
                    })
                    .build();
            try (ChannelKit kit = ChannelKit.builder(socket(room))
                    .pubsub(pubsub)
                    .presence(presence)
                    .start()) {
                TestChannel ann = client(kit, "ann").join(ROOM);
                assertThat(ann.presence(Online.class))
                        .isEqualTo(Map.of("bot", List.of(new Online("rack")), "ann", List.of(new Online("web"))));
                TestChannel ben = client(kit, "ben").join(ROOM);
                TestChannel again = client(kit, "ann").join(ROOM);
                assertThat(again.presence(Online.class).get("ann"))
                        .containsExactly(new Online("web"), new Online("web"));
                again.push(GO);
                assertThat(ann.presence()).containsOnlyKeys("bot", "ann", "ben");
                assertThat(ann.presence().get("ann")).containsEntry("name", "Ms. Ann");
                assertThat(ben.presence(Online.class).get("ann"))
                        .containsExactly(new Online("web"), new Online("phone"));
                again.leave();
                ben.client().drop();
                assertThat(ann.presence(Online.class)).containsOnlyKeys("bot", "ann");
                assertThat(ann.presence(Online.class).get("ann")).containsExactly(new Online("web"));
                ann.expectNothing();
                ann.expectNothing(Said.HEARD);
                assertFails(() -> ann.presence(Amount.class))
                        .hasMessageContaining("does not fit")
                        .hasMessageContaining("'number' is missing");
            }
        }
    }

    // The kit.

    @Test
    void anEventOfAClientWithoutAHandlerIsReported() {
        Channel<User, User> room = room().answer(
                        Said.LENGTH,
                        (text, in) -> Reply.ok(new Amount(text.text().length())))
                .on(Event.of("shout", Amount.class), (number, in) -> NoReply.none())
                .build();
        assertFails(() -> ChannelKit.expectHandled(room, Said.class, Said.HEARD))
                .hasMessageStartingWith("These messages of " + Said.class.getName() + " are not handled as declared:\n")
                .hasMessageContaining("\n  SHOUT ('shout') is handled as Event[")
                .hasMessageContaining("\n  WHISPER ('whisper') has no handler")
                .hasMessageNotContaining("LENGTH");
        assertThatCode(() -> ChannelKit.expectHandled(room, Said.class, Said.HEARD, Said.SHOUT, Said.WHISPER))
                .doesNotThrowAnyException();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ChannelKit.expectHandled(room, String.class))
                .withMessageContaining("no static field");
    }

    @Test
    void noThreadOutlivesTheKit() {
        ChannelKit kit = chat();
        client(kit, "ann").join(ROOM);
        kit.close();
        kit.close();
        assertThat(left).containsExactly("ann Disconnected");
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("heliodor-kit"));
        assertThatIllegalStateException().isThrownBy(kit::connect).withMessage("The kit is closed.");
    }

    @Test
    void aHandlerThatOutlivesTheKitIsNamedAndInterrupted() throws InterruptedException {
        CountDownLatch interrupted = new CountDownLatch(1);
        ChannelKit kit = describe(room -> room.on(GO, (nothing, in) -> {
                    try {
                        Thread.sleep(Duration.ofDays(1));
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                    }
                    return NoReply.none();
                }))
                .deadline(SHORT)
                .start();
        client(kit, "ann").join(ROOM).push(GO);
        kit.advance(Duration.ZERO);
        assertFails(kit::close)
                .hasMessageStartingWith(
                        "The kit is closed, and 1.5 s later there still ran:" + " the handler of 'go' on room:1, at ")
                .hasMessageEndingWith("It was interrupted.");
        interrupted.await();
    }

    @Test
    void aDeadlineMustBePositive() {
        ChannelKit.Builder builder = ChannelKit.builder(socket(room().build()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.deadline(Duration.ZERO))
                .withMessage("A deadline is more than 0, not PT0S.");
    }

    @Test
    void theLeaveHookGetsTheReason() {
        Queue<Optional<Throwable>> failures = new ConcurrentLinkedQueue<>();
        try (ChannelKit kit = serve(room -> room.on(GO, (nothing, in) -> {
                    throw new IllegalStateException("once");
                })
                .onLeave((why, in) -> failures.add(
                        why instanceof LeaveReason.Failed(var cause) ? Optional.of(cause) : Optional.empty())))) {
            TestChannel ann = client(kit, "ann").join(ROOM);
            ann.push(GO);
            ann.expectError();
            kit.settle();
            assertThat(failures).hasSize(1).first().matches(Optional::isPresent);
        }
    }

    @Test
    void tokensMayBeLongerThanTheRefsOfClients() {
        Event<Amount> counted = Event.of("counted", Amount.class);
        UserSocket<Object> socket = UserSocket.open()
                .channel(
                        ROOM,
                        Channel.join(join -> Join.ok(Map.of()))
                                .history(History.of(100, Duration.ofMinutes(5), counted))
                                .build())
                .build();
        List<ChannelKit> kits = new ArrayList<>();
        try (PubSub pubsub = PubSub.local()) {
            for (int i = 0; i < 30; i++) {
                ChannelKit kit = ChannelKit.builder(socket).pubsub(pubsub).start();
                kits.add(kit);
                kit.connect().join(ROOM);
            }
            TestClient client = kits.getFirst().connect();
            TestChannel room = client.join(ROOM);
            for (int i = 0; i < kits.size(); i++) {
                kits.get(i).channels().broadcast(ROOM, counted, new Amount(i));
            }
            for (int i = 0; i < kits.size(); i++) {
                assertThat(room.expectNext(counted)).isEqualTo(new Amount(i));
            }
            assertThat(room.token().orElseThrow()).hasSizeGreaterThan(255);
            client.drop();
            kits.getLast().channels().broadcast(ROOM, counted, new Amount(-1));
            TestChannel back = kits.getFirst().connect().rejoin(room);
            assertThat(back.recovered()).isTrue();
            assertThat(back.expectNext(counted)).isEqualTo(new Amount(-1));
        } finally {
            kits.forEach(ChannelKit::close);
        }
    }

    @Test
    void payloadsOfTheServerMayExceedTheLimitsForClients() {
        Nested deep = new Nested(List.of());
        for (int i = 0; i < 100; i++) {
            deep = new Nested(List.of(deep));
        }
        receives(Event.of("nested", Nested.class), deep);
        Event<Numbers> numbers = Event.of("numbers", Numbers.class);
        receives(numbers, new Numbers(Map.of("k".repeat(2_000), BigInteger.ONE)));
        receives(numbers, new Numbers(Map.of("k", BigInteger.TEN.pow(200))));
    }

    private static <T> void receives(Event<T> event, T payload) {
        Channel<Object, ?> channel = Channel.join(join -> Join.ok(Map.of()))
                .onJoined(room -> room.push(event, payload))
                .build();
        try (ChannelKit kit =
                ChannelKit.start(UserSocket.open().channel(ROOM, channel).build())) {
            assertThat(kit.connect().join(ROOM).expectNext(event)).isEqualTo(payload);
        }
    }

    @Test
    void aPushUnderATopicThatNoClientJoinsIsExpectedByTheClient() {
        UserSocket<Object> socket = UserSocket.open()
                .channel(
                        "control",
                        Channel.join(join -> Join.ok(join.topic()))
                                .pushTopics("doc:*")
                                .on(GO, (nothing, control) -> control.pushUnder("doc:1", SLOW, new Amount(1)))
                                .build())
                .build();
        try (ChannelKit kit = ChannelKit.start(socket)) {
            TestClient ann = kit.connect();
            TestChannel control = ann.join("control");
            control.push(GO);
            assertThat(ann.expect(SLOW)).isEqualTo(new Amount(1));
            assertThat(ann.joinRefused("doc:1")).isEqualTo(new Refusal.Plain("unmatched topic"));
        }
    }
}
