package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Stop;
import io.heliodor.limit.Limits;
import io.heliodor.session.telemetry.Counter;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pushes under topics that the client has not joined. */
class PushTopicsTests {
    @AutoClose
    private final TestServer server = new TestServer(Limits.openInternet());

    private final AtomicReference<Context<?, String>> context = new AtomicReference<>();
    private Client client;

    private Context<?, String> join(UnaryOperator<Channel.Builder<Object, String>> definition) {
        Channel.Builder<Object, String> control = Channel.join(join -> Join.ok(join.topic()));
        server.serve(
                "control:*",
                definition
                        .apply(control)
                        .onJoined(context::set)
                        .on(Chat.GO, (nothing, in) -> Stop.because("asked"))
                        .build());
        client = server.connect();
        client.joins("3", "control:42");
        server.await(() -> context.get() != null, () -> "a joined channel");
        return context.get();
    }

    @Test
    void aPushUnderADeclaredTopicHasNoJoinRefAndKeepsItsPlace() {
        Context<?, String> control = join(room -> room.pushTopics("doc:*").pushTopics("alarm"));
        control.push(Chat.SAY, new Chat.Text("a"));
        assertThat(control.pushUnder("doc:1", Chat.SAY, new Chat.Text("b"))).isEqualTo(NoReply.none());
        control.pushUnder("alarm", Chat.SAY, new Chat.Text("c"));
        control.push(Chat.SAY, new Chat.Text("d"));
        client.receives(
                "['3',null,'control:42','say',{'text':'a'}]",
                "[null,null,'doc:1','say',{'text':'b'}]",
                "[null,null,'alarm','say',{'text':'c'}]",
                "['3',null,'control:42','say',{'text':'d'}]");
    }

    @Test
    void onlyTheClientOfTheChannelGetsIt() {
        Context<?, String> control = join(room -> room.pushTopics("doc:*"));
        Client other = server.connect();
        other.joins("4", "control:42");
        control.pushUnder("doc:1", Chat.SAY, new Chat.Text("a"));
        control.broadcast(Chat.SAY, new Chat.Text("b"));
        client.receives("[null,null,'doc:1','say',{'text':'a'}]", "[null,null,'control:42','say',{'text':'b'}]");
        other.receives("[null,null,'control:42','say',{'text':'b'}]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"room:1", "control:42", "doc", "alarms"})
    void anUndeclaredTopicIsRefusedAndNothingIsSent(String topic) {
        Context<?, String> control = join(room -> room.pushTopics("doc:*").pushTopics("alarm"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> control.pushUnder(topic, Chat.SAY, new Chat.Text("a")))
                .withMessage("Channel control:* does not declare pushes under the topic '" + topic
                        + "'; add .pushTopics(pattern) to its definition, or call push(event, payload).");
        control.push(Chat.SAY, new Chat.Text("b"));
        client.receives("['3',null,'control:42','say',{'text':'b'}]");
    }

    @Test
    void withoutADeclarationAChannelPushesUnderItsOwnTopicOnly() {
        Context<?, String> control = join(room -> room);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> control.pushUnder("doc:1", Chat.SAY, new Chat.Text("a")))
                .withMessageContaining("add .pushTopics(pattern)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "phoenix", "p\n", "p\ud800"})
    void aTextThatIsNotATopicIsRefusedUnderAnyPattern(String topic) {
        Context<?, String> control = join(room -> room.pushTopics("p*"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> control.pushUnder(topic, Chat.SAY, new Chat.Text("a")))
                .withMessageContaining("is not a topic for pushes");
    }

    @Test
    void afterTheEndOfTheChannelItIsDroppedAndCounted() {
        Context<?, String> control = join(room -> room.pushTopics("doc:*"));
        client.sends("['3','8','control:42','go',{}]");
        client.receives("['3','3','control:42','phx_close',{}]");
        server.await(
                () -> {
                    control.pushUnder("doc:1", Chat.SAY, new Chat.Text("a"));
                    return server.count(Counter.WRITES_AFTER_END) > 0;
                },
                () -> "a push after the end");
        client.joins("5", "control:42");
    }
}
