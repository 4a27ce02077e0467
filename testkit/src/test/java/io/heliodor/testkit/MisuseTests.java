package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.limit.Rate;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Wrong wiring, and the text that a user sees for it. */
class MisuseTests {
    record Text(String text) {}

    record Back(String since) {}

    record Page(List<String> history) {}

    record Online(String device) {}

    private static final Event<Text> SAY = Event.of("say", Text.class);
    private static final History KEPT = History.of(10, Duration.ofMinutes(1), SAY);

    private static UserSocket<Object> socket(Channel<Object, Empty> channel) {
        return UserSocket.open().channel("room:*", channel).build();
    }

    @Test
    void anEventIsAJsonObject() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Event.of("count", Integer.class))
                .withMessage("Event 'count' has a payload of java.lang.Integer, which is not written as a JSON object;"
                        + " wrap it in a record, as in record Value(Integer value) {}.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Event.of("names", new Type<List<String>>() {}))
                .withMessageStartingWith(
                        "Event 'names' has a payload of java.util.List<java.lang.String>, which is not");
        assertThatIllegalArgumentException().isThrownBy(() -> Event.of("bytes", byte[].class));
        assertThat(Event.of("scores", new Type<Map<String, Integer>>() {}).name())
                .isEqualTo("scores");
    }

    @Test
    void aBroadcastGoesToATopic() {
        try (ChannelKit kit = ChannelKit.start(
                socket(Channel.join(join -> Join.ok(Empty.EMPTY)).build()))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> kit.channels().broadcast("room:*", SAY, new Text("hi")))
                    .withMessage(
                            "'room:*' is a pattern of channels, not a topic, so no member would get the broadcast; name"
                                    + " each topic, or keep them in a group: Groups.over(pubsub).");
        }
    }

    @Test
    void aJoinOfAChannelWithAHistoryLeavesSinceToIt() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Channel.join(Back.class, (back, join) -> Join.ok(Empty.EMPTY))
                        .history(KEPT)
                        .build())
                .withMessage("The join's payload " + Back.class.getName()
                        + " has a component 'since', which belongs to the history: clients send their last token in it. Give the"
                        + " component another name.");
    }

    @Test
    void aReplyToAJoinOfAChannelWithAHistoryLeavesHistoryToIt() {
        try (ChannelKit kit = ChannelKit.start(socket(Channel.join(join -> Join.ok(Empty.EMPTY, new Page(List.of())))
                .history(KEPT)
                .build()))) {
            TestClient client = kit.connect();
            assertThatThrownBy(() -> client.join("room:1"))
                    .isExactlyInstanceOf(AssertionError.class)
                    .hasMessageContaining("join crashed")
                    .cause()
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has a field 'history'");
            assertThat(kit.metrics().value("heliodor.joins.accepted")).isZero();
        }
    }

    @Test
    void aPresenceIsOverThePubSubOfTheEndpoint() {
        try (PubSub other = PubSub.local();
                Presence<Online> presence = Presence.over(other, Online.class);
                ChannelKit kit = ChannelKit.start(socket(Channel.join(join -> Join.ok(Empty.EMPTY))
                        .on(SAY, (said, context) -> {
                            assertThatIllegalArgumentException()
                                    .isThrownBy(() -> presence.track(context, "ann", new Online("phone")))
                                    .withMessage("This presence is over another pub/sub than the endpoint of channel"
                                            + " 'room:1', so no client would see it; give both the same:"
                                            + " Presence.over(pubsub, ...) and Endpoint.builder().pubsub(pubsub).");
                            return context.push(SAY, said);
                        })
                        .build()))) {
            TestChannel room = kit.connect().join("room:1");
            room.push(SAY, new Text("done"));
            assertThat(room.expect(SAY)).isEqualTo(new Text("done"));
        }
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
    sealed interface Command permits Rename, Remove {}

    record Rename(String name) implements Command {}

    record Remove(Runnable undo) implements Command {}

    @Test
    void aSubtypeOfAPayloadThatJacksonCannotReadIsRefusedAtTheBuild() {
        Event<Command> command = Event.of("command", Command.class);
        UserSocket<?> socket = socket(Channel.join(join -> Join.ok(Empty.EMPTY))
                .on(command, (given, context) -> NoReply.none())
                .build());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ChannelKit.start(socket))
                .withMessageStartingWith("Channel 'room:*': event 'command' has the type " + Command.class.getName()
                        + ". In its subtype " + Remove.class.getName() + ", in 'undo', java.lang.Runnable is abstract");
    }

    @Test
    void aConnectHandlerReturnsAnOutcome() {
        try (ChannelKit kit = ChannelKit.start(UserSocket.<Object>connect(connect -> null)
                .channel("room:*", Channel.join(join -> Join.ok(Empty.EMPTY)).build())
                .build())) {
            assertThatThrownBy(kit::connect)
                    .hasMessageContaining(
                            "The connect handler returned null; return Connect.ok(assigns) or Connect.refuse().");
        }
    }

    @Test
    void aPatternHasNoVariableInBraces() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UserSocket.open()
                        .channel(
                                "room:{id}",
                                Channel.join(_ -> Join.ok(Empty.EMPTY)).build()))
                .withMessage(
                        "Pattern 'room:{id}' has a variable in braces, which clients would have to join as it is written; write"
                                + " 'room:*', and get the rest by join.subtopic().");
    }

    @Test
    void aReasonIsNotEmpty() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Join.refuse(""))
                .withMessage(
                        "The reason of a refused join is empty, so a page could not tell it from others; give one such as"
                                + " \"full\".");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Reply.error(""))
                .withMessage(
                        "The reason of an error is empty, so a page could not tell it from others; give one such as \"full\".");
    }

    @Test
    void aRateNamesItself() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rate.perSecond(0))
                .withMessage("The number of events of a Rate is 0; it must be 1 to 1000000.");
    }

    @Test
    void anErrorIsNoInterfaceForCode() {
        Call<Text, Empty, Runnable> call =
                Call.of("buy", Text.class, Empty.class).failingWith(Runnable.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ChannelKit.start(socket(Channel.join(_ -> Join.ok(Empty.EMPTY))
                        .answer(call, (_, _) -> Reply.ok())
                        .build())))
                .withMessageContaining("java.lang.Runnable is an interface without properties");
    }
}
