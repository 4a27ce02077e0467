package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A message that is sent without being declared fails the test. */
class DeclaredMessagesTests {
    record Text(String text) {}

    private static final Event<Text> SAID = Event.of("said", Text.class);
    private static final Event<Text> OTHER = Event.of("other", Text.class);
    private static final Call<Text, Empty, Reason> SAY = Call.of("say", Text.class, Empty.class);

    private static UserSocket<Object> socket(UserSocket.Builder<Object> builder) {
        Channel<Object, Empty> room = Channel.join(join -> Join.ok(Empty.EMPTY))
                .answer(SAY, (said, in) -> {
                    in.broadcast(said.text().equals("other") ? OTHER : SAID, said);
                    return Reply.ok();
                })
                .sends(SAID)
                .build();
        return builder.channel("room", room).build();
    }

    private static UserSocket<Object> open() {
        return socket(UserSocket.open());
    }

    @Test
    void declaredMessagesPass() {
        try (ChannelKit kit = ChannelKit.start(open())) {
            TestChannel ann = kit.connect().join("room");
            ann.call(SAY, new Text("a"));
            assertThat(ann.expect(SAID).text()).isEqualTo("a");
            kit.settle();
        }
    }

    @Test
    void theNextSettleAndTheEndThrowWithTheStackOfTheSender() {
        ChannelKit kit = ChannelKit.start(open());
        TestChannel ann = kit.connect().join("room");
        ann.call(SAY, new Text("other"));
        assertThat(ann.expect(OTHER).text()).isEqualTo("other");
        String expected = "Channel room sends the event 'other' with a payload of " + Text.class.getName()
                + ", which its definition does not declare; add .sends(...) with this event. A server logs this, and sends the"
                + " message.";
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(kit::settle)
                .withMessage(expected)
                .satisfies(thrown -> assertThat(
                                Arrays.stream(thrown.getCause().getStackTrace()).map(StackTraceElement::getClassName))
                        .contains(DeclaredMessagesTests.class.getName()));
        assertThatExceptionOfType(AssertionError.class).isThrownBy(kit::close).withMessage(expected);
        kit.close();
    }

    @Test
    void aThreadOfTheApplicationIsNotDisturbedAndTheEndThrows() {
        ChannelKit kit = ChannelKit.start(open());
        kit.channels().broadcast("room", OTHER, new Text("a"));
        assertThatExceptionOfType(AssertionError.class).isThrownBy(kit::close);
    }

    @Test
    void messagesToConnectionsAreChecked() {
        ChannelKit kit =
                ChannelKit.start(socket(UserSocket.connect(connect -> Connect.<Object>ok(Empty.EMPTY, "users:1"))
                        .sends(SAID)));
        kit.connect();
        kit.channels().push("users:1", SAID, new Text("a"));
        kit.settle();
        kit.channels().push("users:1", OTHER, new Text("a"));
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(kit::settle)
                .withMessageStartingWith("A socket sends the event 'other' with a payload of " + Text.class.getName());
        assertThatExceptionOfType(AssertionError.class).isThrownBy(kit::close);
    }

    @Test
    void aKickIsChecked() {
        ChannelKit kit =
                ChannelKit.start(socket(UserSocket.connect(connect -> Connect.<Object>ok(Empty.EMPTY, "users:1"))
                        .sends()));
        kit.connect();
        kit.channels().kick("users:1", OTHER, new Text("a"));
        assertThatExceptionOfType(AssertionError.class).isThrownBy(kit::close);
    }

    @Test
    void aBroadcastToATopicThatNoChannelServesFailsTheTest() {
        ChannelKit kit = ChannelKit.start(open());
        kit.channels().broadcast("rooms:1", SAID, new Text("hi"));
        kit.channels().broadcast(List.of("room", "rooms:2"), SAID, new Text("hi"));
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(kit::settle)
                .withMessageContaining(
                        "The event 'said' is broadcast to 'rooms:1', which no channel of this process serves, so no"
                                + " client gets it; its sockets serve room.");
        assertThatExceptionOfType(AssertionError.class).isThrownBy(kit::close);
        kit.close();
    }

    @Test
    void aTopicOfAnotherSocketOfTheProcessIsServed() {
        UserSocket<Object> others = UserSocket.open()
                .channel("desk", Channel.join(_ -> Join.ok(Empty.EMPTY)).build())
                .build();
        try (ChannelKit kit = ChannelKit.start(open());
                ChannelKit _ = ChannelKit.builder(others).pubsub(kit.pubsub()).start()) {
            kit.channels().broadcast("desk", OTHER, new Text("hi"));
            kit.settle();
        }
    }
}
