package io.heliodor.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.heliodor.membership.ClusterException.Code;
import io.heliodor.membership.VoterList.Changed;
import io.heliodor.node.ConnectOutcome;
import io.heliodor.process.CallOutcome;
import io.heliodor.process.Exit;
import io.heliodor.process.Registry.Registered;
import io.heliodor.process.Registry.Unregistered;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The exceptions that {@code orThrow()} throws, for each outcome. */
class ClusterExceptionTests {
    /** An outcome that is not a success, its code, and its text. */
    private record Row(Object outcome, ThrowingCallable orThrow, Code code, String text) {}

    private static Row call(CallOutcome<String> outcome, Code code, String text) {
        return new Row(outcome, outcome::orThrow, code, text);
    }

    private static Row register(Registered outcome, Code code, String text) {
        return new Row(outcome, outcome::orThrow, code, text);
    }

    private static Row unregister(Unregistered outcome, Code code, String text) {
        return new Row(outcome, outcome::orThrow, code, text);
    }

    private static Row connect(ConnectOutcome outcome, Code code, String text) {
        return new Row(outcome, outcome::orThrow, code, text);
    }

    private static Row change(Changed outcome, Code code, String text) {
        return new Row(outcome, outcome::orThrow, code, text);
    }

    private static final String MAYBE = " Whether the call was done is unknown: call again only if that does no harm.";

    private static final List<Row> ROWS = List.of(
            call(
                    new CallOutcome.TimedOut<>(Duration.ofSeconds(2)),
                    Code.TIMED_OUT,
                    "The call had no answer within 2000 ms. It may have been executed, or may still be:"
                            + " call again only if that does no harm, or allow more time."),
            call(
                    new CallOutcome.Unreachable<>("b@h"),
                    Code.UNREACHABLE,
                    "The call was not sent: node 'b@h' cannot be reached."
                            + " Call again when it is a member, or call another node."),
            call(
                    new CallOutcome.TargetDown<>(new Exit.NoProcess()),
                    Code.NO_PROCESS,
                    "The call was not done: its process has ended. Look up the name again."),
            call(
                    new CallOutcome.TargetDown<>(new Exit.Normal()),
                    Code.TARGET_DOWN,
                    "The callee ended before it answered." + MAYBE),
            call(
                    new CallOutcome.TargetDown<>(new Exit.Failed("java.io.IOException: full")),
                    Code.TARGET_DOWN,
                    "The callee failed before it answered (java.io.IOException: full)." + MAYBE),
            call(
                    new CallOutcome.TargetDown<>(new Exit.NoConnection("b@h")),
                    Code.TARGET_DOWN,
                    "The node 'b@h' was lost before the answer came." + MAYBE),
            call(
                    new CallOutcome.NoSuchProcedure<>("b@h", "stock.reserve"),
                    Code.NO_SUCH_PROCEDURE,
                    "The call was not done: node 'b@h' does not serve the procedure 'stock.reserve'."
                            + " Serve it there by rpc().serve, or call a node that serves it."),
            call(
                    new CallOutcome.Failed<>("java.lang.IllegalStateException", "sold out"),
                    Code.FAILED,
                    "The call failed as 'java.lang.IllegalStateException': sold out"),
            register(
                    new Registered.Taken("b@h"),
                    Code.NAME_TAKEN,
                    "The name was not registered: a process of node 'b@h' has it. Look it up, or take another name."),
            register(
                    new Registered.NoProcess(),
                    Code.NO_PROCESS,
                    "The name was not registered: its process has ended. Register one that is alive."),
            register(
                    new Registered.Full(),
                    Code.LIMIT,
                    "The name was not registered: there are 100000 names, the maximum. Unregister others first."),
            register(
                    new Registered.NoQuorum(),
                    Code.NO_QUORUM,
                    "The name was not registered: too few voters can be reached."
                            + " Register it when a majority of them is up."),
            register(
                    new Registered.Unknown(),
                    Code.UNKNOWN,
                    "Whether the name was registered is unknown: no answer came within 8 s."
                            + " Register it again, which reports it."),
            unregister(
                    new Unregistered.NotOwner("b@h"),
                    Code.NOT_OWNER,
                    "The name was not freed: a process of node 'b@h' has it. Unregister it there."),
            unregister(
                    new Unregistered.NoProcess(),
                    Code.NO_PROCESS,
                    "The name was not freed: no process has it. It is free already."),
            unregister(
                    new Unregistered.NoQuorum(),
                    Code.NO_QUORUM,
                    "The name was not freed: too few voters can be reached. Unregister it when a majority of them is up."),
            unregister(
                    new Unregistered.Unknown(),
                    Code.UNKNOWN,
                    "Whether the name is free is unknown: no answer came within 8 s."
                            + " Unregister it again, which reports it."),
            connect(
                    new ConnectOutcome.Refused("127.0.0.1:7100 has another cookie"),
                    Code.REFUSED,
                    "The node did not connect: 127.0.0.1:7100 has another cookie."
                            + " Give both nodes the same cookie and the same name of the cluster."),
            connect(
                    new ConnectOutcome.Unreachable("nothing listens at 127.0.0.1:7100"),
                    Code.UNREACHABLE,
                    "The node did not connect: nothing listens at 127.0.0.1:7100."
                            + " Start the other node, or correct the address."),
            connect(
                    new ConnectOutcome.TimedOut(),
                    Code.TIMED_OUT,
                    "The node did not connect: the other node answered, but was not in the view of this one within 10 s."
                            + " Try again."),
            connect(
                    new ConnectOutcome.NameTaken(),
                    Code.NAME_TAKEN,
                    "The node did not connect: a living node there has its name. Start it under another name."),
            change(
                    new Changed.NotReady(),
                    Code.NOT_READY,
                    "The voters were not changed: the node is not a member, has no directory, or did not get all entries"
                            + " within 10 s. Start it with a directory, and try again."),
            change(
                    new Changed.TooFew(),
                    Code.NO_QUORUM,
                    "The voters were not changed: too few of the voters that would be left can be reached."
                            + " Start these first."),
            change(
                    new Changed.NoQuorum(),
                    Code.NO_QUORUM,
                    "The voters were not changed: too few voters can be reached, or another change takes too long."
                            + " Try again later."),
            change(
                    new Changed.Unknown(),
                    Code.UNKNOWN,
                    "Whether the voters were changed is unknown: no answer came within 10 s."
                            + " Read nodes(), or repeat the change, which does no harm."));

    @Test
    void eachOutcomeHasItsCodeAndItsText() {
        assertThat(ROWS).allSatisfy(row -> {
            ClusterException thrown = catchThrowableOfType(ClusterException.class, row.orThrow());
            assertThat(thrown).as("%s", row.outcome()).isNotNull();
            assertThat(thrown.code()).isEqualTo(row.code());
            assertThat(thrown).hasMessage(row.text());
        });
    }

    @Test
    void aSuccessThrowsNothing() {
        assertThat(new CallOutcome.Ok<>("answer").orThrow()).isEqualTo("answer");
        assertThatCode(() -> {
                    new Registered.Ok().orThrow();
                    new Unregistered.Ok().orThrow();
                    new ConnectOutcome.Connected().orThrow();
                    new Changed.Ok().orThrow();
                })
                .doesNotThrowAnyException();
    }

    @Test
    void noOutcomeAndNoCodeIsLeftOut() {
        Set<Class<?>> rows = ROWS.stream().map(row -> row.outcome().getClass()).collect(Collectors.toSet());
        assertThat(Stream.of(
                                CallOutcome.class,
                                Registered.class,
                                Unregistered.class,
                                ConnectOutcome.class,
                                Changed.class)
                        .flatMap(type -> Arrays.stream(type.getPermittedSubclasses()))
                        .filter(outcome -> !Set.of("Ok", "Connected").contains(outcome.getSimpleName())))
                .allMatch(rows::contains);
        assertThat(ROWS.stream().map(Row::code).collect(Collectors.toSet())).isEqualTo(EnumSet.allOf(Code.class));
    }
}
