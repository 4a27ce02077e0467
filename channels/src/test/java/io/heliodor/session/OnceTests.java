package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.DeferredReply;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.Stop;
import io.heliodor.channel.UserSocket;
import io.heliodor.channel.definition.SocketDefinition;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.InvalidPayload;
import io.heliodor.event.Reason;
import io.heliodor.once.OnceLimits;
import io.heliodor.session.telemetry.Counter;
import java.io.IOException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls that are executed once, on one node. */
class OnceTests {
    record Pay(String key, int cents) {}

    record Paid(int number) {}

    private static final Call<Pay, Paid, Reason> PAY =
            Call.of("pay", Pay.class, Paid.class).once(Pay::key);

    private static final Call<Pay, Paid, Reason> PAY_LATER =
            Call.of("pay_later", Pay.class, Paid.class).once(Pay::key);

    private TestServer server = new TestServer();
    private final AtomicInteger executions = new AtomicInteger();
    private final Queue<DeferredReply<Paid, Reason>> deferred = new ConcurrentLinkedQueue<>();
    private @Nullable Gate gate;

    @AfterEach
    void close() {
        deferred.clear();
        server.close();
    }

    private void serve() {
        server.serve(
                "bank",
                Channel.join(join -> Join.ok(Empty.EMPTY))
                        .answer(PAY, (pay, bank) -> {
                            int number = executions.incrementAndGet();
                            if (gate != null) {
                                gate.pass();
                            }
                            return switch (pay.cents()) {
                                case 0 -> Reply.error("nothing");
                                case 1 -> throw new InvalidPayload("cents", "is too little");
                                case 2 -> throw new IOException("no bank");
                                case 3 -> throw new ArithmeticException("a fault");
                                case 4 -> Stop.because("closed");
                                case 5 -> Reply.none();
                                default -> Reply.ok(new Paid(number));
                            };
                        })
                        .answerLater(PAY_LATER, (pay, bank, reply) -> {
                            executions.incrementAndGet();
                            deferred.add(reply);
                        })
                        .onException(IOException.class, e -> Reply.error("unavailable_bank"))
                        .build());
    }

    private Client join(String id) {
        Client client = server.connectAs(id);
        client.joins("1", "bank");
        return client;
    }

    private static String pay(String ref, String key, int cents) {
        return "['1','%s','bank','pay',{'key':'%s','cents':%d}]".formatted(ref, key, cents);
    }

    private static String reply(String ref, String status, String response) {
        return "['1','%s','bank','phx_reply',{'status':'%s','response':%s}]".formatted(ref, status, response);
    }

    private static String refusal(String ref, String reason) {
        return reply(ref, "error", "{'reason':'" + reason + "'}");
    }

    @Test
    void aRepeatGetsTheAnswerAlsoOverAReconnectAndInAnotherOrderOfFields() {
        serve();
        Client client = join("ann");
        client.sends(pay("2", "k", 500));
        client.receives(reply("2", "ok", "{'number':1}"));
        client.sends("['1','3','bank','pay',{'cents': 500, 'key':'k'}]");
        client.receives(reply("3", "ok", "{'number':1}"));
        client.drops();
        Client again = join("ann");
        again.sends(pay("4", "k", 500), pay("5", "other", 500));
        again.receives(reply("4", "ok", "{'number':1}"), reply("5", "ok", "{'number':2}"));
        assertThat(executions).hasValue(2);
        assertThat(server.count(Counter.CALLS_ONCE_REPEATED)).isEqualTo(2);
    }

    @Test
    void theKeysOfIdsAreTheirOwn() {
        serve();
        Client ann = join("ann");
        Client ben = join("ben");
        ann.sends(pay("2", "k", 500));
        ann.receives(reply("2", "ok", "{'number':1}"));
        ben.sends(pay("2", "k", 500));
        ben.receives(reply("2", "ok", "{'number':2}"));
    }

    @Test
    void anotherCallWithTheSameKeyIsRefused() {
        serve();
        Client client = join("ann");
        client.sends(pay("2", "k", 500), pay("3", "k", 501));
        client.receives(reply("2", "ok", "{'number':1}"), refusal("3", "key_reused"));
        client.sends("['1','4','bank','pay_later',{'key':'k','cents':500}]");
        client.receives(refusal("4", "key_reused"));
        assertThat(executions).hasValue(1);
    }

    @Test
    void aCallWithoutAGoodKeyIsRefused() {
        serve();
        Client client = join("ann");
        client.sends("['1','2','bank','pay',{'cents':500}]", pay("3", "", 500), pay("4", "k".repeat(129), 500));
        client.receives(
                reply("2", "error", "{'reason':'invalid_payload','field':'key','message':'is missing'}"),
                reply(
                        "3",
                        "error",
                        "{'reason':'invalid_payload','field':'key','message':'must have 1 to 128 characters'}"),
                reply(
                        "4",
                        "error",
                        "{'reason':'invalid_payload','field':'key','message':'must have 1 to 128 characters'}"));
        client.sends(pay("6", "\\ud800", 500), pay("7", "k\\udc00", 500));
        client.receives(
                reply(
                        "6",
                        "error",
                        "{'reason':'invalid_payload','field':'key','message':'has half of a surrogate pair'}"),
                reply(
                        "7",
                        "error",
                        "{'reason':'invalid_payload','field':'key','message':'has half of a surrogate pair'}"));
        client.sends(pay("5", "k".repeat(128), 500));
        client.receives(reply("5", "ok", "{'number':1}"));
        assertThat(executions).hasValue(1);
    }

    @Test
    void refusalsAndExpectedExceptionsAreAnswers() {
        serve();
        Client client = join("ann");
        client.sends(pay("2", "a", 0), pay("3", "b", 1), pay("4", "c", 2));
        client.sends(pay("5", "a", 0), pay("6", "b", 1), pay("7", "c", 2));
        String little = "{'reason':'invalid_payload','field':'cents','message':'is too little'}";
        client.receives(
                refusal("2", "nothing"),
                reply("3", "error", little),
                refusal("4", "unavailable_bank"),
                refusal("5", "nothing"),
                reply("6", "error", little),
                refusal("7", "unavailable_bank"));
        assertThat(executions).hasValue(3);
    }

    @Test
    void aCallWhoseHandlerFailedIsUnanswered() {
        serve();
        Client client = join("ann");
        client.sends(pay("2", "k", 3));
        client.receives(refusal("2", "crashed"), "['1','1','bank','phx_error',{'reason':'channel_crash'}]");
        client.joins("1", "bank");
        client.sends(pay("3", "k", 3));
        client.receives(refusal("3", "unanswered"));
        client.sends(pay("4", "stop", 4));
        client.receives(refusal("4", "channel_closed"), "['1','1','bank','phx_close',{}]");
        client.joins("1", "bank");
        client.sends(pay("5", "stop", 4));
        client.receives(refusal("5", "unanswered"));
        client.sends(pay("6", "none", 5), pay("7", "none", 5));
        client.receives(refusal("7", "unanswered"));
        assertThat(executions).hasValue(3);
    }

    @Test
    void aRepeatWaitsForTheAnswerWhileTheChannelGoesOn() {
        Gate running = server.gate();
        gate = running;
        serve();
        Client client = join("ann");
        client.sends(pay("2", "k", 500));
        server.awaitReached(running);
        client.drops();
        gate = null;
        Client again = join("ann");
        again.sends(pay("3", "k", 500), pay("4", "other", 500));
        again.receives(reply("4", "ok", "{'number':2}"));
        running.open();
        again.receives(reply("3", "ok", "{'number':1}"));
        assertThat(executions).hasValue(2);
    }

    @Test
    void aRepeatThatWaitsGetsTheFailureOfTheHandler() {
        Gate running = server.gate();
        gate = running;
        serve();
        Client client = join("ann");
        client.sends(pay("2", "k", 3));
        server.awaitReached(running);
        gate = null;
        Client again = join("ann");
        again.sends(pay("3", "k", 3), pay("4", "k", 3), pay("6", "after", 500));
        again.receives(reply("6", "ok", "{'number':2}"));
        running.open();
        client.receives(refusal("2", "crashed"), "['1','1','bank','phx_error',{'reason':'channel_crash'}]");
        again.receivesInAnyOrder(refusal("3", "unanswered"), refusal("4", "unanswered"));
        again.sends(pay("5", "other", 500));
        again.receives(reply("5", "ok", "{'number':3}"));
    }

    /** The repeats of a deferred reply may wait in the channel that fails, and in another one, which goes on. */
    @Test
    void repeatsThatWaitForADeferredReplyHaveAnEndWhenTheirChannelFails() {
        serve();
        Client client = join("ann");
        String call = "['1','%s','bank','pay_later',{'key':'k','cents':5}]";
        client.sends(call.formatted("2"));
        server.await(() -> !deferred.isEmpty(), () -> "the call");
        Client other = join("ann");
        client.sends(call.formatted("3"));
        other.sends(call.formatted("4"), pay("7", "after", 500));
        other.receives(reply("7", "ok", "{'number':2}"));
        client.sends(pay("5", "fault", 3));
        client.receivesInAnyOrder(
                refusal("5", "crashed"),
                refusal("2", "crashed"),
                refusal("3", "crashed"),
                "['1','1','bank','phx_error',{'reason':'channel_crash'}]");
        deferred.remove().send(Reply.ok(new Paid(7)));
        other.receives(reply("4", "ok", "{'number':7}"));
        client.joins("1", "bank");
        client.sends(call.formatted("6"));
        client.receives(reply("6", "ok", "{'number':7}"));
        assertThat(executions).hasValue(3);
    }

    @Test
    void aDeferredReplyIsTheAnswer() {
        serve();
        Client client = join("ann");
        String call = "['1','%s','bank','pay_later',{'key':'%s','cents':5}]";
        client.sends(call.formatted("2", "k"));
        server.await(() -> !deferred.isEmpty(), () -> "the call");
        client.sends(call.formatted("3", "k"));
        client.drops();
        deferred.remove().send(Reply.ok(new Paid(7)));
        Client again = join("ann");
        again.sends(call.formatted("4", "k"));
        again.receives(reply("4", "ok", "{'number':7}"));
        assertThat(executions).hasValue(1);
    }

    @Test
    void theFailureOfADeferredReplyIsItsAnswer() {
        serve();
        Client client = join("ann");
        String call = "['1','%s','bank','pay_later',{'key':'%s','cents':5}]";
        client.sends(call.formatted("2", "expected"));
        server.await(() -> !deferred.isEmpty(), () -> "the call");
        deferred.remove().sendWhenComplete(CompletableFuture.failedFuture(new IOException("no bank")));
        client.receives(refusal("2", "unavailable_bank"));
        client.sends(call.formatted("3", "expected"));
        client.receives(refusal("3", "unavailable_bank"));
        client.sends(call.formatted("4", "fault"));
        server.await(() -> !deferred.isEmpty(), () -> "the call");
        deferred.remove().sendWhenComplete(CompletableFuture.failedFuture(new ArithmeticException("a fault")));
        client.receives(refusal("4", "crashed"), "['1','1','bank','phx_error',{'reason':'channel_crash'}]");
        client.joins("1", "bank");
        client.sends(call.formatted("5", "fault"));
        client.receives(refusal("5", "unanswered"));
        client.sends(pay("6", "none", 5), pay("7", "none", 5));
        client.receives(refusal("7", "unanswered"));
        assertThat(executions).hasValue(3);
    }

    @Test
    void anAnswerIsKeptForItsTime() {
        serve();
        Client client = join("ann");
        client.isCareless();
        client.sends(pay("2", "k", 500));
        client.receives(reply("2", "ok", "{'number':1}"));
        client.drops();
        server.passes(Duration.ofMinutes(10).minusSeconds(1));
        Client later = join("ann");
        later.sends(pay("3", "k", 500));
        later.receives(reply("3", "ok", "{'number':1}"));
        later.drops();
        server.passes(Duration.ofSeconds(1));
        Client last = join("ann");
        last.sends(pay("4", "k", 500));
        last.receives(reply("4", "ok", "{'number':2}"));
    }

    @Test
    void callsOverALimitAreRefusedAndRepeatsWaitForTheirTimeOnly() {
        server.close();
        server = new TestServer(new OnceLimits(
                1_000_000_000,
                1,
                100,
                10_000,
                100_000,
                10_000,
                1,
                Duration.ofSeconds(2).toNanos()));
        Gate running = server.gate();
        gate = running;
        serve();
        Client client = join("ann");
        client.sends(pay("2", "k", 500));
        server.awaitReached(running);
        Client again = join("ann");
        again.sends(pay("3", "other", 500));
        again.receives(refusal("3", "overloaded"));
        again.sends(pay("4", "k", 500), pay("5", "k", 500));
        again.receives(refusal("5", "overloaded"));
        assertThat(server.count(Counter.CALLS_ONCE_REFUSED)).isEqualTo(2);
        server.passes(Duration.ofSeconds(2));
        again.receives(refusal("4", "still_running"));
        running.open();
        client.receives(reply("2", "ok", "{'number':1}"));
    }

    @Test
    void theIdOfAConnectionIsRequired() throws Exception {
        Channel<Object, Empty> bank = Channel.join(join -> Join.ok(Empty.EMPTY))
                .answer(PAY, (pay, context) -> Reply.ok(new Paid(1)))
                .build();
        UserSocket.Builder<Object> open = UserSocket.open().channel("bank", bank);
        assertThatThrownBy(open::build)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("The call 'pay' is executed once")
                .hasMessageContaining("UserSocket.connect(");
        SocketDefinition<Object> nameless =
                SocketDefinition.of(UserSocket.connect(connect -> Connect.<Object>ok(Empty.EMPTY))
                        .channel("bank", bank)
                        .build());
        assertThatThrownBy(() -> nameless.connect().connect(null))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("return Connect.ok(assigns, id)");
        SocketDefinition<Object> named =
                SocketDefinition.of(UserSocket.connect(connect -> Connect.<Object>ok(Empty.EMPTY, "users:1"))
                        .channel("bank", bank)
                        .build());
        assertThat(named.connect().connect(null)).isInstanceOf(ConnectOutcome.Accepted.class);
    }
}
