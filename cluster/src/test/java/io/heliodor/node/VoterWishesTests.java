package io.heliodor.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.node.VoterAsking.Asked;
import io.heliodor.protocol.VoterAnswer;
import io.heliodor.protocol.VoterCommand;
import io.heliodor.protocol.VoterCommand.Campaign;
import io.heliodor.protocol.VoterCommand.Ended;
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

@Timeout(30)
class VoterWishesTests {
    private static final Asked DONE = new Asked.Answered(1, new VoterAnswer.Done());
    private static final Asked STALE = new Asked.Answered(1, new VoterAnswer.Stale());

    private record Attempt(Request request, CompletableFuture<Asked> answer) {
        VoterCommand command() {
            return request.command();
        }
    }

    /** The test answers. */
    private final class ByHand implements VoterWishes.Asking {
        private final AtomicLong numbers = new AtomicLong();

        @Override
        public Request number(VoterCommand command) {
            return new Request(new Peer("a@host", 1), numbers.incrementAndGet(), command);
        }

        @Override
        public Asked again(Request request, long nanos) {
            Attempt attempt = new Attempt(request, new CompletableFuture<>());
            attempts.add(attempt);
            return attempt.answer().join();
        }
    }

    private final BlockingQueue<Attempt> attempts = new LinkedBlockingQueue<>();
    private final Time time = Time.machine("test");
    private final VoterWishes wishes = new VoterWishes(new ByHand(), time);

    @AfterEach
    void close() {
        wishes.close();
        attempts.forEach(attempt -> attempt.answer().complete(new Asked.NoQuorum()));
        time.close();
    }

    private Attempt next() throws InterruptedException {
        Attempt next = attempts.poll(20, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    private void awaitDone() {
        await().until(wishes::isEmpty);
    }

    @Test
    void oneThatIsNotAnsweredHoldsUpNoOther() throws Exception {
        wishes.start();
        wishes.add(new Campaign("slow"));
        Attempt slow = next();
        wishes.add(new Ended(7));
        Attempt other = next();
        assertThat(other.command()).isEqualTo(new Ended(7));
        other.answer().complete(DONE);
        assertThat(wishes.isEmpty()).isFalse();
        slow.answer().complete(DONE);
        awaitDone();
    }

    @Test
    void thoseAboutOneElectionAreDoneInOrderAndTheLastOneReplacesThoseThatWait() throws Exception {
        wishes.start();
        wishes.add(new Campaign("boss"));
        Attempt first = next();
        wishes.add(new Resign("boss"));
        wishes.add(new Campaign("boss"));
        wishes.add(new Resign("boss"));
        assertThat(attempts).isEmpty();
        first.answer().complete(DONE);
        Attempt second = next();
        assertThat(second.command()).isEqualTo(new Resign("boss"));
        second.answer().complete(DONE);
        awaitDone();
    }

    @Test
    void oneThatMayBeUnderWayIsGivenAgainUnderItsNumber() throws Exception {
        wishes.start();
        wishes.add(new Ended(7));
        Attempt first = next();
        first.answer().complete(new Asked.Unknown());
        Attempt second = next();
        assertThat(second.request()).isEqualTo(first.request());
        second.answer().complete(DONE);
        awaitDone();
    }

    /** The voters remember some hundred numbers of a node: an older one may be done or not. */
    @Test
    void oneWhoseNumberIsForgottenIsGivenUnderANewOne() throws Exception {
        wishes.start();
        wishes.add(new Resign("boss"));
        Attempt first = next();
        first.answer().complete(STALE);
        Attempt second = next();
        assertThat(second.command()).isEqualTo(new Resign("boss"));
        assertThat(second.request().number()).isGreaterThan(first.request().number());
        assertThat(wishes.isEmpty()).isFalse();
        second.answer().complete(DONE);
        awaitDone();
    }

    @Test
    void nothingIsDoneBeforeTheStartAndAfterTheEnd() {
        wishes.add(new Ended(7));
        assertThat(attempts).isEmpty();
        wishes.close();
        wishes.start();
        assertThat(attempts).isEmpty();
    }

    @Test
    void commandsWithACallerAreNoWishes() {
        for (VoterCommand command : List.of(new VoterCommand.Lookup("name"), new VoterCommand.Release("name"))) {
            assertThatIllegalArgumentException().isThrownBy(() -> wishes.add(command));
        }
    }
}
