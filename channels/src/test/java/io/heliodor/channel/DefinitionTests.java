package io.heliodor.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.heliodor.channel.definition.ChannelDefinition;
import io.heliodor.channel.definition.Slow;
import io.heliodor.channel.definition.SocketDefinition;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.InvalidPayload;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.pubsub.Topic;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Definitions of channels and sockets. */
class DefinitionTests {
    private static final Event<Empty> GO = Event.of("go", Empty.class);
    private static final Call<Empty, Empty, Reason> GO_CALL = Call.of("go", Empty.class, Empty.class);
    private static final Topic<String> FEED = Topic.of("feed", String.class);

    private static Channel.Builder<Object, String> room() {
        return Channel.join(join -> Join.ok("a"));
    }

    private static <A> ChannelDefinition<Object, A> definition(Channel.Builder<Object, A> room) {
        return ChannelDefinition.of(room.build());
    }

    private static SocketDefinition<Object> definition(UserSocket.Builder<Object> socket) {
        return SocketDefinition.of(socket.build());
    }

    @ParameterizedTest
    @ValueSource(classes = {Channel.class, UserSocket.class})
    void anApplicationDeclaresAndReadsNothingBack(Class<?> declared) {
        assertThat(declared.getMethods()).isNotEmpty().allMatch(method -> Modifier.isStatic(method.getModifiers()));
    }

    @Test
    void aNameIsHandledInOnePlace() {
        String message = "'go' has a handler; a name on the wire is handled in one place.";
        Channel.Builder<Object, String> room = room().on(GO, (nothing, in) -> NoReply.none());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> room.on(GO, (nothing, in) -> NoReply.none()))
                .withMessage(message);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> room.answer(GO_CALL, (nothing, in) -> Reply.ok()))
                .withMessage(message);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> room.answerLater(GO_CALL, (nothing, in, answer) -> {}))
                .withMessage(message);
    }

    @Test
    void anEventHasOneIntercept() {
        Channel.Builder<Object, String> room = room().intercept(GO, (nothing, in) -> Out.pass());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> room.intercept(GO, (nothing, in) -> Out.drop()))
                .withMessage("Event 'go' has an intercept; it needs one only.");
    }

    @Test
    void anEventHasOnePolicyForSlowClients() {
        Channel.Builder<Object, String> room = room().whenSlow(GO, SlowPolicy.drop());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> room.whenSlow(GO, SlowPolicy.latest(nothing -> "")))
                .withMessage("Event 'go' has a policy for slow clients; it needs one only.");
        assertThat(definition(room).slow()).containsExactlyEntriesOf(Map.of("go", new Slow<>(GO, SlowPolicy.drop())));
    }

    @Test
    void aSlowPolicyForAKeptEventIsRefused() {
        assertThatIllegalStateException()
                .isThrownBy(
                        room().history(History.of(1, Duration.ofMinutes(1), GO)).whenSlow(GO, SlowPolicy.drop())::build)
                .withMessage("Event 'go' is kept in a history without a gap, and left out for slow clients;"
                        + " it can be one of the two.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"presence_state", "presence_diff"})
    void aSlowPolicyForAPresenceEventIsRefused(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> room().whenSlow(Event.of(name, Raw.class), SlowPolicy.drop()))
                .withMessage("Event '" + name + "' carries changes of presence; a client that misses one has a wrong"
                        + " list, so it cannot be left out.");
    }

    @Test
    void aTopicHasOneHandler() {
        Channel.Builder<Object, String> room = room().onPublished(FEED, (text, in) -> NoReply.none());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> room.onPublished(FEED, (text, in) -> NoReply.none()))
                .withMessage("Topic 'feed' has a handler; it needs one only.");
    }

    @Test
    void anExceptionIsDeclaredOnce() {
        Channel.Builder<Object, String> room =
                room().onException(IllegalStateException.class, e -> Reply.error("wrong"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> room.onException(IllegalStateException.class, e -> Reply.error("again")))
                .withMessage("java.lang.IllegalStateException has an onException handler; it needs one only.");
        UserSocket.Builder<Object> socket =
                UserSocket.open().onException(IllegalStateException.class, e -> Reply.error("wrong"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> socket.onException(IllegalStateException.class, e -> Reply.error("again")));
        assertThat(definition(room).exceptions()).containsOnlyKeys(IllegalStateException.class);
        assertThat(definition(socket.channel("room:*", room().build())).exceptions())
                .containsOnlyKeys(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S", "P366D"})
    void aTimeoutOfHandlersIsMoreThanZeroAndAtMostAYear(Duration timeout) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> room().handlerTimeout(timeout))
                .withMessage("handlerTimeout is " + timeout + "; it must be more than zero and at most 365 days.");
    }

    @Test
    void anInvalidPayloadIsNotDeclared() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> room().onException(InvalidPayload.class, e -> Reply.error("wrong")))
                .withMessage(
                        "io.heliodor.event.InvalidPayload is answered with the reason invalid_payload, its field and"
                                + " its message; throw and declare an exception of your own for another reply.");
    }

    @Test
    void anEventMayBeHandledAndIntercepted() {
        ChannelDefinition<Object, String> room =
                definition(room().on(GO, (nothing, in) -> NoReply.none()).intercept(GO, (nothing, in) -> Out.pass()));
        assertThat(room.handlers()).containsOnlyKeys("go");
        assertThat(room.intercepts()).containsOnlyKeys("go");
    }

    @Test
    void laterChangesOfABuilderDoNotChangeABuiltChannel() {
        Channel.Builder<Object, String> builder = room();
        ChannelDefinition<Object, String> room = definition(builder);
        builder.on(GO, (nothing, in) -> NoReply.none())
                .intercept(GO, (nothing, in) -> Out.pass())
                .onJoined(in -> {})
                .onLeave((why, in) -> {})
                .onInfo(InfoMessage.of("word", String.class), (word, in) -> NoReply.none())
                .onUnhandled((event, payload, in) -> NoReply.none())
                .onPublished(FEED, (text, in) -> NoReply.none());
        assertThat(room.handlers()).isEmpty();
        assertThat(room.intercepts()).isEmpty();
        assertThat(room.joined()).isEmpty();
        assertThat(room.left()).isEmpty();
        assertThat(room.infoMessages()).isEmpty();
        assertThat(room.unhandled()).isEmpty();
        assertThat(room.topics()).isEmpty();
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> definition(builder).handlers().clear());
    }

    @Test
    void aPatternIsDeclaredOnceOnASocket() {
        UserSocket.Builder<Object> socket = UserSocket.open().channel("room:*", room().build());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> socket.channel("room:*", room().build()))
                .withMessage("Pattern 'room:*' is declared twice on this socket; a topic has one channel.");
        assertThat(definition(socket.channel("room:", room().build())).routes()).hasSize(2);
    }

    @Test
    void aSocketRefusesAnInvalidPattern() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UserSocket.open().channel("room:*:x", room().build()))
                .withMessageContaining("has a * before its end");
    }

    @Test
    void aSocketHasAChannel() {
        assertThatIllegalStateException()
                .isThrownBy(() -> UserSocket.open().build())
                .withMessage("This socket has no channel, so no client could join anything;"
                        + " add .channel(\"room:*\", room).");
    }

    @Test
    void anOpenSocketAcceptsEveryClient() throws Exception {
        SocketDefinition<Object> socket = definition(UserSocket.open().channel("room:*", room().build()));
        assertThat(socket.connect().connect(null))
                .isEqualTo(new ConnectOutcome.Accepted<Object>(
                        Empty.EMPTY, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()));
    }

    @Test
    void aConnectionIsAcceptedWithAnIdOrWithout() {
        assertThat(Connect.ok("ada"))
                .isEqualTo(new ConnectOutcome.Accepted<>(
                        "ada", Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()));
        assertThat(Connect.ok("ada", "users:1"))
                .isEqualTo(new ConnectOutcome.Accepted<>(
                        "ada", Optional.of("users:1"), Optional.empty(), Optional.empty(), Optional.empty()));
        assertThat(Connect.refuse())
                .isEqualTo(new ConnectOutcome.Refused<>(403, Optional.empty(), "", Optional.empty()));
        assertThat(Connect.refuse(429))
                .isEqualTo(new ConnectOutcome.Refused<>(429, Optional.empty(), "", Optional.empty()));
        assertThat(Connect.refuse(429).text("busy").retryAfter(Duration.ofSeconds(30)))
                .isEqualTo(new ConnectOutcome.Refused<>(
                        429, Optional.of(Duration.ofSeconds(30)), "busy", Optional.empty()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Connect.refuse().retryAfter(Duration.ofMillis(-1)))
                .withMessage("A client tries again after 0 to 365 days, not after PT-0.001S.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Connect.refuse().text("x".repeat(1_001)))
                .withMessage("The text of a refusal has 1001 characters; the maximum is 1000.");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 200, 399, 600})
    void aConnectionIsRefusedWithAnErrorStatus(int status) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Connect.refuse(status))
                .withMessage("A connection is refused with a status from 400 to 599, for example 403; not %d.", status);
    }

    @Test
    void pushTopicsAreDeclaredOnceAndByPatterns() {
        Channel.Builder<Object, String> room = room().pushTopics("doc:*");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> room.pushTopics("doc:*"))
                .withMessage("The push topics 'doc:*' are declared twice; declare them once.");
        assertThatIllegalArgumentException().isThrownBy(() -> room.pushTopics("a*b"));
        assertThatIllegalArgumentException().isThrownBy(() -> room.pushTopics("phoenix"));
        assertThat(definition(room.pushTopics("alarm")).pushTopics())
                .extracting(Object::toString)
                .containsExactly("doc:*", "alarm");
    }

    @ParameterizedTest
    @CsvSource({
        "doc:*, doc:*",
        "doc:*, *",
        "*, doc:1",
        "doc:*, doc:1",
        "doc:1, doc:*",
        "doc:1, doc:1",
        "doc:a*, doc:*",
        "doc:*, doc:a*"
    })
    void aSocketHasNoPushTopicThatAClientCanJoin(String pushed, String joined) {
        UserSocket.Builder<Object> socket = UserSocket.open()
                .channel("control", room().pushTopics(pushed).build())
                .channel(joined, room().build());
        assertThatIllegalStateException()
                .isThrownBy(socket::build)
                .withMessageContaining("has the push topics '" + pushed + "'")
                .withMessageContaining("choose patterns without a common topic.");
    }

    @ParameterizedTest
    @CsvSource({"doc:*, docs", "doc:*, room:*", "doc:1, doc:2", "doc:1, doc:1a*"})
    void otherPatternsHaveNoCommonTopic(String pushed, String joined) {
        assertThat(UserSocket.open()
                        .channel("control", room().pushTopics(pushed).build())
                        .channel(joined, room().build())
                        .build())
                .isNotNull();
    }
}
