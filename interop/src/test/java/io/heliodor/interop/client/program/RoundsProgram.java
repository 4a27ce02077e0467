package io.heliodor.interop.client.program;

import io.heliodor.client.CallResult;
import io.heliodor.client.Client;
import io.heliodor.client.ClientChannel;
import io.heliodor.client.ClientCounters;
import io.heliodor.client.Presences;
import io.heliodor.event.Empty;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.interop.client.program.Declarations.Enter;
import io.heliodor.interop.client.program.Declarations.Note;
import io.heliodor.interop.client.program.Declarations.Online;
import io.heliodor.interop.client.program.Declarations.State;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * A publisher and a follower of one topic with a history, and of one with a state. The follower's way to the server has faults; the
 * publisher's has none, but the server is killed. In each round notes are published, then the follower must have each of them once and in
 * order, or a notice of the gap. Arguments: the address of the socket, the address of the follower, the number of rounds, a seed. Prints a
 * line for each round, and ends with an exception at the first fault.
 */
public final class RoundsProgram {
    private static final String TOPIC = "history:rounds";
    private static final String STATE = "state:rounds";
    private static final long DEADLINE_SECONDS = 90;
    private static final int SLOW_NOTES = 400;
    private static final String TEXT = "x".repeat(2_000);

    private final Random random;
    private final Client publisher;
    private final Client follower;
    private final ClientChannel notes;
    private final ClientChannel numbers;
    private final Presences<Online> present;

    /** Numbers whose notes the server has accepted. */
    private final Set<Integer> promised = new HashSet<>();

    private int published;

    // Written by callbacks, under the lock of this program.
    private final List<Integer> received = new ArrayList<>();
    private final Set<Integer> gaps = new HashSet<>();
    private final List<String> faults = new ArrayList<>();
    private int last;
    private long state = -1;
    private int pauseMillis;
    private int recoveries;
    private int gapsInAll;

    private RoundsProgram(URI socket, URI throughFaults, long seed) throws InterruptedException {
        random = new Random(seed);
        publisher = Client.to(socket)
                .reconnectDelays(Duration.ofMillis(10), Duration.ofMillis(100))
                .build();
        follower = Client.to(throughFaults)
                .reconnectDelays(Duration.ofMillis(10), Duration.ofMillis(100))
                .maxWaitingCallbacks(20)
                .maxWaitingCallbackBytes(40_000)
                .build();
        notes = publisher.channel(TOPIC, new Enter("publisher")).join();
        numbers = publisher.channel(STATE).join();
        ClientChannel followed = follower.channel(TOPIC, new Enter("follower"));
        followed.on(Declarations.NOTE, this::receive);
        followed.onRecovered(recovery -> recovered(recovery.isRecovered()));
        present = followed.presences(Online.class);
        followed.join();
        ClientChannel state = follower.channel(STATE);
        state.onState(State.class, value -> stateIs(value.v()));
        state.on(Declarations.BUMPED, value -> bumped(value.v()));
        state.join();
    }

    /**
     * Runs it.
     *
     * @param args see above
     */
    public static void main(String[] args) throws Exception {
        System.out.println("java " + Runtime.version().feature());
        int rounds = Integer.parseInt(args[2]);
        RoundsProgram program = new RoundsProgram(URI.create(args[0]), URI.create(args[1]), Long.parseLong(args[3]));
        for (int round = 1; round <= rounds; round++) {
            program.round(round);
            System.out.println("round " + round + " heap " + usedKilobytes());
        }
        program.finish();
        System.out.println("done");
    }

    private static long usedKilobytes() {
        System.gc();
        return (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) / 1024;
    }

    private void round(int round) throws InterruptedException {
        boolean isSlow = round % 5 == 0;
        synchronized (this) {
            pauseMillis = isSlow ? 2 : 0;
        }
        int batches = isSlow ? 1 : 1 + random.nextInt(10);
        for (int batch = 0; batch < batches; batch++) {
            publish(isSlow ? SLOW_NOTES : 1 + random.nextInt(10));
            numbers.call(Declarations.BUMP, Empty.EMPTY, Duration.ofMillis(500));
        }
        long end = System.nanoTime() + Duration.ofSeconds(DEADLINE_SECONDS).toNanos();
        while (!hasAll(end)) {
            check(System.nanoTime() < end, "the follower has note " + last + " of " + published + ", state " + state);
        }
        while (!present.current().keySet().equals(Set.of("publisher", "follower"))) {
            check(System.nanoTime() < end, "presences are " + present.current().keySet());
            synchronized (this) {
                wait(10);
            }
        }
    }

    /** Publishes once more, and waits for it: the server may have been killed before the last ones were sent. */
    private boolean hasAll(long end) throws InterruptedException {
        while (!publish(1)) {
            check(System.nanoTime() < end, "the publisher is not accepted");
        }
        long number = bump(end);
        long soon = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        synchronized (this) {
            while (last != published || state != number) {
                check(faults.isEmpty(), faults.toString());
                if (System.nanoTime() > soon) {
                    return false;
                }
                wait(100);
            }
            checkNotes();
            return true;
        }
    }

    /** Whether the server has accepted all of them: it handles the messages of a channel in order. */
    private boolean publish(int number) {
        int first = published + 1;
        boolean queued = true;
        for (int i = 0; i < number; i++) {
            queued &= notes.push(Declarations.NOTE, new Note(++published, TEXT));
        }
        boolean accepted = queued
                && notes.call(Declarations.ECHO, Raw.of("{}"), Duration.ofSeconds(2))
                        .equals(new CallResult.Ok<>(Raw.of("{}")));
        if (accepted) {
            for (int n = first; n <= published; n++) {
                promised.add(n);
            }
        }
        return accepted;
    }

    private long bump(long end) {
        while (true) {
            if (numbers.call(Declarations.BUMP, Empty.EMPTY, Duration.ofSeconds(2))
                    instanceof CallResult.Ok<Declarations.Value, Reason> ok) {
                return ok.reply().v();
            }
            check(System.nanoTime() < end, "a call is not answered");
        }
    }

    private void receive(Note note) {
        int pause;
        synchronized (this) {
            if (note.n() <= last) {
                faults.add("note " + note.n() + " came after " + last);
            }
            if (!note.text().equals(TEXT)) {
                faults.add("note " + note.n() + " is damaged");
            }
            last = note.n();
            received.add(note.n());
            pause = pauseMillis;
            notifyAll();
        }
        if (pause > 0) {
            try {
                Thread.sleep(pause); // a slow callback, and not a wait for something
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private synchronized void recovered(boolean all) {
        if (all) {
            recoveries++;
        } else {
            gapsInAll++;
            gaps.add(last);
        }
    }

    private synchronized void stateIs(long value) {
        state = value;
        notifyAll();
    }

    private synchronized void bumped(long value) {
        if (state >= 0 && value != state + 1) {
            faults.add("state " + value + " came after " + state);
        }
        state = value;
        notifyAll();
    }

    /** Each promised note between two that were received must be covered by a gap. */
    private void checkNotes() {
        int before = 0;
        for (int n : received) {
            for (int missed = before + 1; missed < n; missed++) {
                check(!promised.contains(missed) || gaps.contains(before), "note " + missed + " is lost");
            }
            before = n;
        }
        received.clear();
        received.add(before);
        promised.removeIf(n -> n <= last);
        gaps.removeIf(n -> n < last);
    }

    private void finish() {
        ClientCounters counters = follower.counters();
        System.out.println(counters);
        System.out.println("recovered " + recoveries + " gaps " + gapsInAll);
        check(counters.malformedFrames() == 0, "malformed frames");
        check(counters.failedCallbacks() == 0, "failed callbacks");
        check(counters.invalidPayloads() == 0, "invalid payloads");
        follower.close();
        publisher.close();
        check(follower.counters().waitingBytes() == 0, "bytes wait after the end");
        check(publisher.counters().waitingBytes() == 0, "bytes wait after the end");
        check(publisher.counters().pendingCalls() == 0, "calls wait after the end");
    }

    private static void check(boolean holds, String fault) {
        if (!holds) {
            throw new AssertionError(fault);
        }
    }
}
