package io.heliodor.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.heliodor.channel.definition.ChannelDefinition;
import io.heliodor.channel.definition.Declarations;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import io.heliodor.type.Type;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Declarations of channels and calls about their messages, for documents and types of clients. */
class DeclarationsTests {
    record Text(String text) {}

    record Moved(int x) {}

    private static final Event<Text> SAID = Event.of("said", Text.class);
    private static final Event<Moved> SAID_OTHERWISE = Event.of("said", Moved.class);
    private static final Event<ByteBuffer> SAID_BYTES = Event.of("said", ByteBuffer.class);
    private static final Event<Moved> MOVED = Event.of("moved", Moved.class);
    private static final Event<Text> TYPING = Event.of("typing", Text.class);

    private static Channel.Builder<Object, String> room() {
        return Channel.join(join -> Join.ok("a"));
    }

    private static ChannelDefinition<Object, String> definition(Channel.Builder<Object, String> room) {
        return ChannelDefinition.of(room.build());
    }

    @Test
    void aChannelWithoutDeclarationsIsOpen() {
        assertThat(definition(room()).declarations()).isEqualTo(Declarations.NONE);
        assertThat(Declarations.NONE.areClosed()).isFalse();
    }

    @Test
    void aDeclarationOfNoEventClosesAChannel() {
        Declarations declared = definition(room().sends()).declarations();
        assertThat(declared.areClosed()).isTrue();
        assertThat(declared.sends()).hasValue(List.of());
    }

    @Test
    void allPartsAreDeclared() {
        Declarations declared = definition(room().sends(SAID)
                        .sends(MOVED, SAID)
                        .joinReply(Text.class)
                        .refuses("full", "closed")
                        .presence(Moved.class)
                        .follows("agents", Text.class)
                        .followsCount("viewers")
                        .key("id"))
                .declarations();
        assertThat(declared.sends()).hasValue(List.of(SAID, MOVED));
        assertThat(declared.joinReply()).hasValue(Type.of(Text.class));
        assertThat(declared.joinReasons()).containsExactly("full", "closed");
        assertThat(declared.presences())
                .isEqualTo(Map.of("presence", Type.of(Moved.class), "agents", Type.of(Text.class)));
        assertThat(declared.counts()).containsExactly("viewers");
        assertThat(declared.key()).hasValue("id");
        assertThat(definition(room().refusesWith(Moved.class)).declarations().joinError())
                .hasValue(Type.of(Moved.class));
    }

    @Test
    void theSentEventsAreThoseOfAllPartsForWhatIsSentSortedByName() {
        Channel.Builder<Object, String> room = room().on(SAID_OTHERWISE, (said, in) -> NoReply.none())
                .on(Event.of("received", Text.class), (received, in) -> NoReply.none())
                .sends(SAID_BYTES)
                .intercept(MOVED, (moved, in) -> Out.pass())
                .whenSlow(TYPING, SlowPolicy.drop())
                .answer(Call.of("ask", Empty.class, Empty.class), (nothing, in) -> Reply.ok())
                .sends(SAID);
        assertThat(definition(room).sentEvents()).containsExactly(MOVED, SAID, SAID_BYTES, TYPING);
    }

    @Test
    void anEventHasOneTypeForEachKindOfPayload() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> room().sends(SAID, SAID_BYTES, SAID_OTHERWISE))
                .withMessage("Event 'said' is declared with the types " + Text.class.getName() + " and "
                        + Moved.class.getName() + "; it can have one of them.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UserSocket.open().sends(SAID).sends(SAID_OTHERWISE));
    }

    @Test
    void eachPartIsDeclaredOnce() {
        assertThatIllegalStateException()
                .isThrownBy(() -> room().joinReply(Text.class).joinReply(Moved.class))
                .withMessage("The reply to a join is declared as " + Text.class.getName() + " and as "
                        + Moved.class.getName() + "; it can be one of them.");
        assertThatIllegalStateException()
                .isThrownBy(() -> room().refusesWith(Text.class).refuses("full"));
        assertThatIllegalStateException()
                .isThrownBy(() -> room().refuses("full").refusesWith(Text.class))
                .withMessageContaining("The reasons [full] of refused joins are declared");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> room().presence(Text.class).presence(Text.class))
                .withMessage("Presence 'presence' has a declaration; it needs one only.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> room().followsCount("viewers").followsCount("viewers"));
        assertThatIllegalStateException()
                .isThrownBy(() -> room().key("id").key("number"))
                .withMessage("The key of the topics is named 'id'; it needs one name only.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a}", "ä"})
    void aKeyIsANameOfAsciiLetters(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> room().key(name))
                .withMessage("The key '" + name + "' of the topics must have ASCII letters, digits, _ and - alone.");
    }

    @Test
    void theReasonsOfACallAreThoseOfAReason() {
        Call<Text, Empty, Reason> buy = Call.of("buy", Text.class, Empty.class).refusing("sold_out", "too_late");
        assertThat(buy.reasons()).containsExactly("sold_out", "too_late");
        assertThat(buy.once(Text::text).reasons()).containsExactly("sold_out", "too_late");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> buy.failingWith(Moved.class))
                .withMessage("Call 'buy' has the reasons [sold_out, too_late] and errors of " + Moved.class.getName()
                        + "; reasons are declared for errors that are a Reason.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Call.of("buy", Text.class, Empty.class)
                        .failingWith(Moved.class)
                        .refusing("sold_out"));
    }
}
