package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.channel.SlowPolicy;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.event.InvalidPayload;
import io.heliodor.event.Reason;
import org.junit.jupiter.api.Test;

class PayloadTypesOfSocketsTests {
    interface Shape {}

    record Text(String text) {}

    static final class Hidden {
        private final String secret;

        Hidden(String secret) {
            this.secret = secret;
        }

        @Override
        public String toString() {
            return secret;
        }
    }

    static final Event<Shape> SHAPE = Event.of("shape", Shape.class);
    static final Event<Text> TEXT = Event.of("text", Text.class);
    static final Call<Text, Text, Reason> ASK = Call.of("ask", Text.class, Text.class);

    private static Channel.Builder<Object, String> channel() {
        return Channel.join(join -> Join.ok(join.topic()));
    }

    private static UserSocket<Object> socket(Channel.Builder<Object, ?> channel) {
        return UserSocket.open().channel("room:*", channel.build()).build();
    }

    private static void isRefused(Channel.Builder<Object, ?> channel, String... contained) {
        UserSocket<Object> socket = socket(channel);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ChannelKit.start(socket).close())
                .withMessageContainingAll(contained);
    }

    @Test
    void anEventThatCannotBeReadIsRefusedAtTheStart() {
        isRefused(
                channel().on(SHAPE, (shape, room) -> NoReply.none()),
                "Channel 'room:*'",
                "event 'shape'",
                Shape.class.getName(),
                "@JsonTypeInfo");
    }

    @Test
    void aCallThatCannotBeReadOrAnsweredIsRefusedAtTheStart() {
        isRefused(
                channel().answer(Call.of("ask", Shape.class, Text.class), (shape, room) -> Reply.ok(new Text(""))),
                "call 'ask'");
        isRefused(
                channel().answer(Call.of("ask", Text.class, Hidden.class), (text, room) -> Reply.ok(new Hidden(""))),
                "the reply to call 'ask'",
                Hidden.class.getName());
        isRefused(
                channel()
                        .answerLater(
                                Call.of("ask", Text.class, Text.class).failingWith(Hidden.class),
                                (text, room, reply) -> {}),
                "the error of call 'ask'");
    }

    @Test
    void aJoinThatCannotBeReadIsRefusedAtTheStart() {
        isRefused(Channel.join(Shape.class, (shape, join) -> Join.ok("")), "the payload of its join");
    }

    @Test
    void aPayloadThatIsSentOnlyNeedNotBeReadable() {
        try (ChannelKit kit = ChannelKit.start(socket(channel()
                .on(TEXT, (text, room) -> room.broadcast(SHAPE, new Shape() {}))
                .whenSlow(SHAPE, SlowPolicy.latest(Object::hashCode))))) {
            assertThat(kit.connect().join("room:1").topic()).isEqualTo("room:1");
        }
    }

    @Test
    void aValidatorRefusesPayloadsBeforeTheirHandlers() {
        UserSocket<Object> socket = UserSocket.open()
                .channel(
                        "room:*",
                        Channel.join(Text.class, (text, join) -> Join.ok(text.text()))
                                .answer(ASK, (text, room) -> Reply.ok(text))
                                .build())
                .validator(payload -> {
                    if (payload instanceof Text(var text) && text.isBlank()) {
                        throw new InvalidPayload("text", "must not be blank");
                    }
                })
                .build();
        try (ChannelKit kit = ChannelKit.start(socket)) {
            TestChannel room = kit.connect().join("room:1", new Text("a"));
            assertThat(room.call(ASK, new Text("b"))).isEqualTo(new Text("b"));
            assertThat(room.callRefused(ASK, new Text(" ")).toString()).contains("must not be blank");
            assertThat(kit.connect().joinRefused("room:2", new Text("")).toString())
                    .contains("must not be blank");
        }
    }
}
