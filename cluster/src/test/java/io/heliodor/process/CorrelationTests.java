package io.heliodor.process;

import static io.heliodor.process.engine.Nodes.SECOND;
import static io.heliodor.process.engine.Nodes.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.process.engine.Nodes;
import io.heliodor.process.engine.Processes;
import io.heliodor.pubsub.Correlation;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class CorrelationTests {
    record Ask(ReplyTo<String> reply) {}

    @AutoClose
    private final Nodes nodes = new Nodes();

    private final Nodes.One a = nodes.alone("a");
    private final Nodes.One b = nodes.alone("b");

    @Test
    void theEndOfAScopeRestoresThePreviousId() {
        assertThat(Correlation.current()).isEmpty();
        try (var _ = Correlation.with("one")) {
            try (var _ = Correlation.with("two")) {
                assertThat(Correlation.current()).contains("two");
            }
            assertThat(Correlation.current()).contains("one");
        }
        assertThat(Correlation.current()).isEmpty();
    }

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        Correlation.Trace trace = new Correlation.Trace("00-4bf92f3577b34da6-01", "vendor=1 2");
        try (var _ = Correlation.traced(trace)) {
            assertThat(Correlation.carried()).isEqualTo(" 00-4bf92f3577b34da6-01 vendor=1 2");
            try (var _ = Correlation.with("id")) {
                assertThat(Correlation.carried()).isEqualTo("id 00-4bf92f3577b34da6-01 vendor=1 2");
            }
        }
        try (var _ = Correlation.with("id")) {
            assertThat(Correlation.carried()).isEqualTo("id");
        }
    }

    @Test
    void idsAreNewAndValid() {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            ids.add(Correlation.generate());
        }
        assertThat(ids).hasSize(1_000).allMatch(Correlation::isId).allMatch(id -> id.length() == 22);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a\nb", "\u00e4"})
    void textThatIsUnsafeInALogIsNotAnId(String text) {
        assertThatThrownBy(() -> Correlation.with(text)).isInstanceOf(IllegalArgumentException.class);
        assertThat(Correlation.isId("x".repeat(128))).isTrue();
        assertThat(Correlation.isId("x".repeat(129))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anIdIsPropagatedByMessagesAndCalls(boolean remote) {
        nodes.join(a, b);
        List<String> seen = new CopyOnWriteArrayList<>();
        Pid<Ask> last = a.processes.spawn(Type.of(Ask.class), inbox -> {
            while (true) {
                Ask ask = inbox.receive();
                ask.reply().reply(Correlation.current().orElse("none"));
            }
        });
        Pid<Ask> first = (remote ? b : a).processes.spawn(Type.of(Ask.class), inbox -> {
            while (true) {
                Ask ask = inbox.receive();
                seen.add(Correlation.current().orElse("none"));
                Pid<Ask> next = (remote ? b : a).processes.pid(Processes.idOf(last), Type.of(Ask.class));
                ask.reply().reply(next.call(Ask::new, SECOND).orThrow());
            }
        });
        Pid<Ask> pid = a.processes.pid(Processes.idOf(first), Type.of(Ask.class));
        try (var _ = Correlation.with("abc")) {
            assertThat(pid.call(Ask::new, SECOND)).isEqualTo(new CallOutcome.Ok<>("abc"));
        }
        assertThat(pid.call(Ask::new, SECOND)).isEqualTo(new CallOutcome.Ok<>("none"));
        Nodes.eventually().untilAsserted(() -> assertThat(seen).containsExactly("abc", "none"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTraceContextIsPropagated(boolean remote) {
        nodes.join(a, b);
        Pid<Ask> process = (remote ? b : a).processes.spawn(Type.of(Ask.class), inbox -> {
            while (true) {
                Ask ask = inbox.receive();
                ask.reply().reply(Correlation.trace() + " " + Correlation.current());
            }
        });
        Pid<Ask> pid = a.processes.pid(Processes.idOf(process), Type.of(Ask.class));
        var trace =
                new Correlation.Trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=a, other=b");
        try (var _ = Correlation.traced(trace)) {
            assertThat(pid.<String>call(Ask::new, SECOND).orThrow())
                    .isEqualTo(Optional.of(trace) + " " + Optional.empty());
            try (var _ = Correlation.with("abc")) {
                assertThat(pid.<String>call(Ask::new, SECOND).orThrow())
                        .isEqualTo(Optional.of(trace) + " " + Optional.of("abc"));
            }
        }
        assertThat(Correlation.trace()).isEmpty();
    }

    @Test
    void aProcessOfThisNodeGetsTheOneObjectOfTheSender() throws Exception {
        CompletableFuture<Correlation.Trace> seen = new CompletableFuture<>();
        Pid<Ask> process = a.processes.spawn(Type.of(Ask.class), inbox -> {
            Ask ask = inbox.receive();
            seen.complete(Correlation.trace().orElseThrow());
            ask.reply().reply("");
        });
        Correlation.Trace trace = new Correlation.Trace("00-1-2-01", "");
        try (var _ = Correlation.traced(trace)) {
            assertThat(process.<String>call(Ask::new, SECOND).orThrow()).isEmpty();
        }
        assertThat(seen.get()).isSameAs(trace);
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", "a ", "a b", "a  b", "\u00e4 b c", "a b\n c", "a b c\n"})
    void invalidTextIsNotResumed(String text) {
        assertThat(Correlation.resume(text)).isEmpty();
        assertThat(Correlation.current()).isEmpty();
        assertThat(Correlation.trace()).isEmpty();
    }

    @Test
    void anInvalidTraceContextIsRefused() {
        assertThatThrownBy(() -> Correlation.traced(new Correlation.Trace("", "")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("traceparent");
        assertThatThrownBy(() -> Correlation.traced(new Correlation.Trace("a", "x".repeat(513))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theNextReceiveEndsTheIdOfAMessage() {
        var seen = new CompletableFuture<String>();
        try (var _ = Correlation.with("abc")) {
            a.processes
                    .spawn(Type.of(String.class), inbox -> {
                        String during = inbox.receive() + Correlation.current();
                        inbox.receive(Duration.ZERO);
                        seen.complete(during + Correlation.current());
                    })
                    .send("x");
        }
        assertThat(soon(seen)).isEqualTo("xOptional[abc]Optional.empty");
    }

    @Test
    void aProcessStartsWithoutAnId() {
        var seen = new CompletableFuture<String>();
        try (var _ = Correlation.with("abc")) {
            a.processes.spawn(
                    Type.of(Ask.class),
                    inbox -> seen.complete(Correlation.current().orElse("none")));
        }
        assertThat(soon(seen)).isEqualTo("none");
    }
}
