package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Asks addresses who is there, before JGroups is started: it would say nothing of a refusal, and stay alone. */
final class Prober {
    private static final long SECOND_TRY_MILLIS = 200;

    private final Connector caller;

    Prober(Connector caller) {
        this.caller = caller;
    }

    /** What was found at an address. */
    sealed interface Result {
        /** A node that would take us in. */
        record Accepted(InetSocketAddress at, HelloReply answer) implements Result {}

        /** Somebody who would not. */
        record Refused(InetSocketAddress at, String why) implements Result {}

        /** Nobody, or nobody else than this node. */
        record Unreached(InetSocketAddress at, String why) implements Result {}
    }

    /** Asks all at once; takes as long as the slowest, at most two handshakes and a little. */
    List<Result> ask(Collection<InetSocketAddress> addresses) throws InterruptedException {
        return each(addresses, address -> probe(address, Optional.empty()));
    }

    /** Whether this very life answers at the address. */
    boolean isAlive(Peer peer, InetSocketAddress at) {
        return probe(at, Optional.of(peer)) instanceof Result.Accepted(var _, var answer)
                && answer.from().equals(peer);
    }

    /** Tells members that a life is over. Who does not listen learns it from the next view. */
    void declareDead(Peer dead, Collection<InetSocketAddress> members) throws InterruptedException {
        each(members, member -> {
            try {
                AuthenticatedConnection.close(
                        caller.call(member, Hello.Purpose.DECLARE_DEAD, Optional.of(dead), new Socket())
                                .met()
                                .raw());
                return true;
            } catch (IOException e) {
                PeerSockets.log.debug("{} was not told that {} is dead.", member, dead, e);
                return false;
            }
        });
    }

    private interface Question<T> {
        T ask(InetSocketAddress address) throws InterruptedException;
    }

    private static <T> List<T> each(Collection<InetSocketAddress> addresses, Question<T> question)
            throws InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> futures = new ArrayList<>();
            addresses.forEach(address -> futures.add(threads.submit(() -> question.ask(address))));
            List<T> answers = new ArrayList<>();
            for (Future<T> future : futures) {
                answers.add(future.get());
            }
            return answers;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private Result probe(InetSocketAddress address, Optional<Peer> expected) {
        Result found = once(address, expected);
        if (found instanceof Result.Refused) {
            // A node that is being closed, or has too many callers, looks like one that refuses.
            try {
                Thread.sleep(SECOND_TRY_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return found;
            }
            return once(address, expected);
        }
        return found;
    }

    private Result once(InetSocketAddress address, Optional<Peer> expected) {
        try {
            Connector.Handshake called = caller.call(address, Hello.Purpose.PROBE, expected, new Socket());
            AuthenticatedConnection.close(called.met().raw());
            HelloReply answer = called.answer();
            return answer.verdict() == HelloReply.Verdict.ACCEPTED
                    ? new Result.Accepted(address, answer)
                    : new Result.Unreached(address, answer.verdict().name());
        } catch (HandshakeRefusedException e) {
            return new Result.Refused(address, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return new Result.Unreached(address, String.valueOf(e.getMessage()));
        }
    }
}
