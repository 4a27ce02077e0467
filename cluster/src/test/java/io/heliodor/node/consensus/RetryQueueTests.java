package io.heliodor.node.consensus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.node.consensus.RaftClient.Result;
import io.heliodor.protocol.VoterAnswer;
import io.heliodor.protocol.VoterCommand;
import io.heliodor.protocol.VoterCommand.Campaign;
import io.heliodor.protocol.VoterCommand.ProcessEnded;
import io.heliodor.protocol.VoterCommand.Request;
import io.heliodor.protocol.VoterCommand.Resign;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class RetryQueueTests {
    private static final Result DONE = new Result.Answered(1, new VoterAnswer.Done());
    private static final Result STALE = new Result.Answered(1, new VoterAnswer.Stale());

    private record Attempt(Request request, CompletableFuture<Result> answer) {
        VoterCommand command() {
            return request.command();
        }
    }

    /** A client whose requests the test answers. */
    private final class ByHand implements RetryQueue.Client {
        private final AtomicLong numbers = new AtomicLong();

        @Override
        public Request number(VoterCommand command) {
            return new Request(new Peer("a@host", 1), numbers.incrementAndGet(), command);
        }

        @Override
        public Result again(Request request, long nanos) {
            Attempt attempt = new Attempt(request, new CompletableFuture<>());
            attempts.add(attempt);
            return attempt.answer().join();
        }
    }

    private final BlockingQueue<Attempt> attempts = new LinkedBlockingQueue<>();
    private final Time time = Time.machine("test");
    private final RetryQueue queue = new RetryQueue(new ByHand(), time);

    @AfterEach
    void close() {
        queue.close();
        attempts.forEach(attempt -> attempt.answer().complete(new Result.NoQuorum()));
        time.close();
    }

    private Attempt next() throws InterruptedException {
        Attempt next = attempts.poll(20, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    private void awaitDone() {
        await().until(queue::isEmpty);
    }

    @Test
    void aCommandWithoutAnAnswerDelaysNoOther() throws Exception {
        queue.start();
        queue.add(new Campaign("slow"));
        Attempt slow = next();
        queue.add(new ProcessEnded(7));
        Attempt other = next();
        assertThat(other.command()).isEqualTo(new ProcessEnded(7));
        other.answer().complete(DONE);
        assertThat(queue.isEmpty()).isFalse();
        slow.answer().complete(DONE);
        awaitDone();
    }

    @Test
    void commandsOfOneElectionRunInOrderAndTheLastReplacesThoseThatWait() throws Exception {
        queue.start();
        queue.add(new Campaign("boss"));
        Attempt first = next();
        queue.add(new Resign("boss"));
        queue.add(new Campaign("boss"));
        queue.add(new Resign("boss"));
        assertThat(attempts).isEmpty();
        first.answer().complete(DONE);
        Attempt second = next();
        assertThat(second.command()).isEqualTo(new Resign("boss"));
        second.answer().complete(DONE);
        awaitDone();
    }

    @Test
    void aCommandWithAnUnknownResultIsRepeatedUnderItsNumber() throws Exception {
        queue.start();
        queue.add(new ProcessEnded(7));
        Attempt first = next();
        first.answer().complete(new Result.Unknown());
        Attempt second = next();
        assertThat(second.request()).isEqualTo(first.request());
        second.answer().complete(DONE);
        awaitDone();
    }

    /** The voters remember some hundred numbers of a node. It is unknown whether an older request was applied. */
    @Test
    void aStaleCommandIsRepeatedUnderANewNumber() throws Exception {
        queue.start();
        queue.add(new Resign("boss"));
        Attempt first = next();
        first.answer().complete(STALE);
        Attempt second = next();
        assertThat(second.command()).isEqualTo(new Resign("boss"));
        assertThat(second.request().number()).isGreaterThan(first.request().number());
        assertThat(queue.isEmpty()).isFalse();
        second.answer().complete(DONE);
        awaitDone();
    }

    @Test
    void nothingIsSentBeforeTheStartAndAfterTheEnd() {
        queue.add(new ProcessEnded(7));
        assertThat(attempts).isEmpty();
        queue.close();
        queue.start();
        assertThat(attempts).isEmpty();
    }

    @Test
    void commandsWithACallerAreRefused() {
        for (VoterCommand command : List.of(new VoterCommand.Lookup("name"), new VoterCommand.Release("name"))) {
            assertThatIllegalArgumentException().isThrownBy(() -> queue.add(command));
        }
    }
}
