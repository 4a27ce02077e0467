package io.heliodor.node.consensus;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.link.Time;
import io.heliodor.node.consensus.RaftClient.Result;
import io.heliodor.protocol.VoterAnswer;
import io.heliodor.protocol.VoterCommand;
import io.heliodor.protocol.VoterCommand.Request;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Commands that no caller waits for. Each is repeated until it is executed. Those about one election or process are
 * executed in order, and a later one replaces an earlier one that has not begun. Others are done at the same time.
 */
public final class RetryQueue {
    private static final long ATTEMPT_TIMEOUT = TimeUnit.SECONDS.toNanos(5);
    private static final long RETRY_DELAY = TimeUnit.MILLISECONDS.toNanos(200);

    /** So many are done at the same time: the voters store them by one write. */
    private static final int MAX_CONCURRENT = 32;

    /** Gives commands to the voters. */
    public interface Client {
        /** Gives a command the number under which it is repeated. */
        Request number(VoterCommand command);

        /** Executes a command. Blocks, up to the timeout. */
        Result again(Request request, long nanos);
    }

    private final Client client;
    private final Time time;

    /** By the subject of the command: an election or a process, so there are no more than of these. */
    @GuardedBy("this")
    private final Map<Object, VoterCommand> waiting = new LinkedHashMap<>();

    @GuardedBy("this")
    private final Map<Object, Thread> inWork = new HashMap<>();

    @GuardedBy("this")
    private boolean started;

    @GuardedBy("this")
    private boolean closed;

    public RetryQueue(Client client, Time time) {
        this.client = client;
        this.time = time;
    }

    public synchronized void start() {
        started = true;
        startWork();
    }

    public synchronized void add(VoterCommand command) {
        waiting.put(subject(command), command);
        startWork();
    }

    private static Object subject(VoterCommand command) {
        return switch (command) {
            case VoterCommand.Campaign(String election) -> election;
            case VoterCommand.Resign(String election) -> election;
            case VoterCommand.ProcessEnded(long process) -> process;
            case VoterCommand.Register _, VoterCommand.Release _, VoterCommand.Lookup _, VoterCommand.Evict _ ->
                throw new IllegalArgumentException(command + " has a caller that waits.");
        };
    }

    /** Whether all are done. */
    public synchronized boolean isEmpty() {
        return waiting.isEmpty() && inWork.isEmpty();
    }

    private synchronized void startWork() {
        for (Optional<Object> next = next(); next.isPresent(); next = next()) {
            Object subject = next.get();
            VoterCommand command = Objects.requireNonNull(waiting.remove(subject));
            Thread thread = Thread.ofVirtual().name("consensus retry").unstarted(() -> perform(subject, command));
            inWork.put(subject, thread);
            thread.start();
        }
    }

    @GuardedBy("this")
    private Optional<Object> next() {
        if (!started || closed || inWork.size() >= MAX_CONCURRENT) {
            return Optional.empty();
        }
        for (Object subject : waiting.keySet()) {
            if (!inWork.containsKey(subject)) {
                return Optional.of(subject);
            }
        }
        return Optional.empty();
    }

    private void perform(Object subject, VoterCommand command) {
        try {
            // One number for all attempts: a late one must not undo a later command.
            Request request = client.number(command);
            while (!isClosed()) {
                Result result = client.again(request, ATTEMPT_TIMEOUT);
                if (result instanceof Result.Answered(long _, VoterAnswer.Stale _)) {
                    // It may have been executed or not. It is safe to repeat, as no later one about its subject has
                    // begun.
                    request = client.number(command);
                } else if (result instanceof Result.Answered) {
                    break;
                } else {
                    time.await(new CompletableFuture<>(), RETRY_DELAY);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end(subject);
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private synchronized void end(Object subject) {
        inWork.remove(subject);
        startWork();
    }

    public synchronized void close() {
        closed = true;
        inWork.values().forEach(Thread::interrupt);
    }
}
