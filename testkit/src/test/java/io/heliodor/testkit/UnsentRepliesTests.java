package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.DeferredReply;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Deferred replies that a handler has taken, and the tests that fail because it does not send them. */
@Timeout(60)
class UnsentRepliesTests {
    /** The deadline of tests that wait until it has passed. */
    private static final Duration SHORT = Duration.ofMillis(1_500);

    private static final String DUE = "Not sent yet: the deferred reply to the call 'quote' on desk:1";

    record Quote(int price) {}

    static final Call<Empty, Quote, Reason> QUOTE = Call.of("quote", Empty.class, Quote.class);

    /** The call as a client sends it that does not wait. */
    static final Event<Empty> ASK = Event.of("quote", Empty.class);

    static final Call<Empty, Quote, Reason> FAIL = Call.of("fail", Empty.class, Quote.class);

    private final BlockingQueue<DeferredReply<Quote, Reason>> taken = new LinkedBlockingQueue<>();

    private ChannelKit serve(Duration deadline) {
        Channel<Object, Empty> desk = Channel.join(join -> Join.ok(Empty.EMPTY))
                .answerLater(QUOTE, (nothing, context, reply) -> taken.add(reply))
                .answerLater(FAIL, (nothing, context, reply) -> {
                    throw new IllegalStateException("no prices");
                })
                .build();
        return ChannelKit.builder(UserSocket.connect((Connect connect) -> connect.param("name")
                                .map(name -> Connect.<Object>ok(Empty.EMPTY, "users:" + name))
                                .orElseGet(() -> Connect.ok(Empty.EMPTY)))
                        .channel("desk:*", desk)
                        .build())
                .deadline(deadline)
                .start();
    }

    private static TestChannel join(ChannelKit kit, String name) {
        return kit.connect(Map.of("name", name)).join("desk:1");
    }

    private static AbstractThrowableAssert<?, ?> assertFails(ThrowingCallable call) {
        return assertThatThrownBy(call).isInstanceOf(AssertionError.class);
    }

    @Test
    void aWaitThatFailsNamesTheReply() {
        try (ChannelKit kit = serve(SHORT)) {
            TestChannel ann = join(kit, "ann");
            assertFails(() -> ann.call(QUOTE))
                    .hasMessageStartingWith(
                            "Expected an answer to the call 'quote' on desk:1; it did not come within 1.5 s.")
                    .hasMessageEndingWith(
                            "\nNot sent yet: the deferred reply to the call 'quote' on desk:1, for the client users:ann");
            taken.remove().send(Reply.ok(new Quote(1)));
            isNotDue(ann);
        }
    }

    @Test
    void eachReplyThatIsDueIsNamedWithItsClient() throws InterruptedException {
        try (ChannelKit kit = serve(SHORT)) {
            TestChannel ann = join(kit, "ann");
            ann.push(ASK);
            kit.connect().join("desk:2").push(ASK);
            taken.take();
            taken.take();
            assertFails(() -> ann.expect(ASK))
                    .hasMessageEndingWith(
                            "\nNot sent yet: the deferred reply to the call 'quote' on desk:1, for the client users:ann;"
                                    + " the deferred reply to the call 'quote' on desk:2, for the client number 2");
        }
    }

    @Test
    void aReplyOfAFutureIsDueUntilTheFutureCompletes() throws InterruptedException {
        try (ChannelKit kit = serve(SHORT)) {
            TestChannel ann = join(kit, "ann");
            ann.push(ASK);
            CompletableFuture<Reply<Quote, Reason>> price = new CompletableFuture<>();
            taken.take().sendWhenComplete(price);
            assertFails(() -> ann.expect(ASK)).hasMessageContaining(DUE);
            price.complete(Reply.ok(new Quote(1)));
            isNotDue(ann);
        }
    }

    @Test
    void noReplyIsDueToAClientThatHasLeftOrOfAHandlerThatThrew() throws InterruptedException {
        try (ChannelKit kit = serve(SHORT)) {
            TestChannel ann = join(kit, "ann");
            ann.push(ASK);
            taken.take();
            ann.leave();
            TestChannel ben = join(kit, "ben");
            ben.push(ASK);
            taken.take();
            ben.client().drop();
            TestChannel cyd = join(kit, "cyd");
            cyd.push(Event.of("fail", Empty.class));
            cyd.expectError();
            kit.settle();
            isNotDue(join(kit, "dan"));
        }
    }

    @Test
    void aReplyThatCannotBeWrittenIsDueStill() throws InterruptedException {
        try (ChannelKit kit = serve(SHORT)) {
            TestChannel ann = join(kit, "ann");
            ann.push(ASK);
            Map<String, Object> endless = new HashMap<>();
            endless.put("endless", endless);
            @SuppressWarnings({"unchecked", "rawtypes"}) // a payload of another type
            Reply<Quote, Reason> wrong = (Reply) Reply.ok(endless);
            DeferredReply<Quote, Reason> reply = taken.take();
            assertThatThrownBy(() -> reply.send(wrong)).isInstanceOf(IllegalArgumentException.class);
            assertFails(() -> ann.expect(ASK)).hasMessageContaining(DUE);
        }
    }

    private static void isNotDue(TestChannel channel) {
        assertFails(() -> channel.expect(ASK))
                .satisfies(failure -> assertThat(failure.getMessage()).doesNotContain("Not sent yet"));
    }
}
