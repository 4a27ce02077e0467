package io.heliodor.testkit;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A deterministic simulation of threads. It runs a test, and all virtual threads that this starts, on one platform
 * thread: one at a time, until it parks. A seed draws the thread that goes on. Timed waits end as soon as all threads
 * wait. The same seed gives the same interleaving, so a failure of a test with kits of clusters repeats by its number.
 *
 * <p>A virtual thread inherits the scheduler of the thread that starts it. The JDK has no public method to set one:
 * {@code java.lang} must be open to this module, as for the threads of event loops. See {@code
 * docs/design/simulation.md}.
 */
final class SeededThreads implements KitThreads, Executor {
    /** The real time after which threads that wait for something outside of the simulation are an error. */
    private static final long STALLED = Duration.ofSeconds(20).toNanos();

    /** The real time in which the JDK wakes a thread that waited for a monitor, on a loaded machine. */
    private static final long RELEASE = Duration.ofMillis(500).toNanos();

    /** The real time that a step waits for the release of a contended monitor. */
    private static final long CONTENDED = Duration.ofNanos(500_000).toNanos();

    /**
     * The longest time of the machine that passes while a test rests, so that short pauses of threads end in some of
     * these.
     */
    private static final long LONGEST_REST = Duration.ofMillis(40).toNanos();

    /** A park that is shorter only gives others the processor, and comes by the time of the real machine. */
    private static final long SHARE = 1_000;

    /** The real time after which a thread that did not park is an error. */
    private static final Duration LONGEST_STEP = Duration.ofSeconds(20);

    /** How often a step is found still running before that is an error: a machine that was suspended counts once. */
    private static final int CHECKS = 20;

    private static final Method NEW_THREAD = newThread();
    private static final ScheduledExecutorService[] TIMERS = timers();

    /** A test, or a part of one. */
    interface Body {
        void run() throws Exception;
    }

    /**
     * The course of a test.
     *
     * @param steps the number of times that a thread went on
     * @param fingerprint a hash of the choices among threads
     */
    record Course(long steps, long fingerprint) {}

    private record Timer(long at, long number, Runnable task) {}

    private final Random random;
    private final FutureTask<Boolean> whole;
    private final Thread carrier;
    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timer::at).thenComparingLong(Timer::number));
    private long timerNumber;
    private long now = Duration.ofDays(2).toNanos();
    private @Nullable Thread resting;
    private long steps;
    private long fingerprint;
    private @Nullable Runnable shortPark;
    private boolean isImmediate;

    // For the thread that watches the simulation.
    private final AtomicLong begunSteps = new AtomicLong();
    private volatile @Nullable Thread running;
    private volatile boolean abandoned;

    // Guarded by this: the JDK wakes threads for released monitors by a thread of its own.

    /** The continuations of threads that can go on. */
    private final List<Runnable> runnable = new ArrayList<>();

    /** Those that were woken during a step by the JDK, by the numbers of their threads. */
    private final TreeMap<Long, Runnable> woken = new TreeMap<>();

    /** The threads that wait on a monitor, and those that were notified and wait for it again. */
    private final Set<Thread> onMonitors = new HashSet<>();

    /** The threads that wait for a monitor that another one holds. */
    private final Set<Thread> contending = new HashSet<>();

    /** The threads that have got their monitor, and did not go on yet. */
    private final Set<Thread> withMonitor = new HashSet<>();

    /** The one that goes on without a choice, because it has only given others the processor. */
    private @Nullable Runnable immediate;

    private SeededThreads(long seed, Body body) {
        random = new Random(seed);
        whole = new FutureTask<>(() -> {
            run(body);
            return true;
        });
        carrier = Thread.ofPlatform().daemon().name("simulation").unstarted(whole);
    }

    /**
     * Runs a test on virtual threads.
     *
     * @param seed draws the order of the threads, and all random numbers
     * @param body the test
     * @return its course
     * @throws Exception as the test does
     */
    static Course run(long seed, Body body) throws Exception {
        return run(seed, body, LONGEST_STEP);
    }

    /** As {@link #run(long, Body)}; a thread that does not park within a real time fails the test. */
    static Course run(long seed, Body body, Duration longestStep) throws Exception {
        SeededThreads threads = new SeededThreads(seed, body);
        Randomness.seed(seed);
        ScheduledExecutorService[] before = TIMERS.clone();
        Arrays.fill(TIMERS, threads.timer());
        try {
            threads.carrier.start();
            threads.awaitEnd(longestStep);
        } finally {
            threads.abandoned = true;
            System.arraycopy(before, 0, TIMERS, 0, TIMERS.length);
        }
        return new Course(threads.steps, threads.fingerprint);
    }

    /**
     * Waits for the end of the simulation, which has a platform thread of its own: a thread that never parks keeps that for
     * ever, so the test must fail on another one.
     */
    private void awaitEnd(Duration longestStep) throws Exception {
        Duration pause = longestStep.dividedBy(CHECKS);
        long seen = 0;
        int unchanged = 0;
        while (!carrier.join(pause)) {
            long step = begunSteps.get();
            Thread thread = running;
            unchanged = thread != null && step == seen ? unchanged + 1 : 0;
            seen = step;
            if (thread != null && unchanged == CHECKS) {
                AssertionError endless = new AssertionError("The thread '" + thread.getName() + "' ("
                        + thread.threadId() + ") did not park for " + longestStep.toMillis() + " ms; it is here.");
                endless.setStackTrace(thread.getStackTrace());
                throw endless;
            }
        }
        if (whole.state() == FutureTask.State.FAILED) {
            throwIt(whole.exceptionNow());
        }
    }

    private void run(Body body) throws Exception {
        FutureTask<Boolean> done =
                new FutureTask<>(() -> ScopedValue.where(CURRENT, this).call(() -> {
                    body.run();
                    return true;
                }));
        Thread test = (Thread) NEW_THREAD.invoke(null, this, "test", 0, done);
        test.start();
        while (!done.isDone() && !abandoned) {
            endShortPark();
            Runnable next = next();
            if (next != null) {
                step(next);
            } else if (resting != null) {
                resting = null;
                LockSupport.unpark(test);
            } else if (!endNextTimer()) {
                awaitOthers(test);
            }
        }
        if (done.state() == FutureTask.State.FAILED) {
            throwIt(done.exceptionNow());
        }
    }

    private static void throwIt(Throwable thrown) throws Exception {
        switch (thrown) {
            case Error error -> throw error;
            case Exception exception -> throw exception;
            default -> throw new CompletionException(thrown);
        }
    }

    private void endShortPark() {
        Runnable park = shortPark;
        if (park != null) {
            shortPark = null;
            isImmediate = true;
            park.run();
            isImmediate = false;
        }
    }

    /** Draws the thread that goes on; null if all wait. */
    private synchronized @Nullable Runnable next() {
        Runnable first = immediate;
        if (first != null) {
            immediate = null;
            return first;
        }
        if (runnable.isEmpty()) {
            return null;
        }
        int drawn = random.nextInt(runnable.size());
        fingerprint = fingerprint * 31 + drawn * 1_000L + runnable.size();
        steps++;
        return runnable.remove(drawn);
    }

    private void step(Runnable continuation) {
        Thread thread = Continuations.thread(continuation);
        synchronized (this) {
            withMonitor.remove(thread);
        }
        begunSteps.incrementAndGet();
        running = thread;
        continuation.run();
        running = null;
        if (Continuations.waitsForMonitor(thread)) {
            boolean contends = Continuations.isBlocked(thread);
            synchronized (this) {
                // The JDK may have woken it before this.
                if (!woken.containsKey(thread.threadId())) {
                    (contends ? contending : onMonitors).add(thread);
                }
            }
        }
        awaitReleases();
        addWoken();
    }

    /**
     * A thread that gets a monitor can go on from this step, and not from the moment at which the JDK has woken it. Of
     * several threads that were notified, the JDK wakes the first one, which wakes the next one. Another thread that
     * holds a contended monitor has parked, and releases it in a later step: the wait for that is short, and in vain in
     * most steps.
     */
    private void awaitReleases() {
        long begin = 0;
        long limit = releaseTime();
        while (limit > 0) {
            long real = System.nanoTime();
            begin = begin == 0 ? real : begin;
            if (real - begin >= limit) {
                return;
            }
            Thread.onSpinWait();
            limit = releaseTime();
        }
    }

    /** How long to wait for the JDK; 0 if it wakes no thread now. */
    private synchronized long releaseTime() {
        if (Stream.concat(onMonitors.stream(), contending.stream()).anyMatch(Continuations::hasMonitor)
                || (withMonitor.isEmpty() && onMonitors.stream().anyMatch(Continuations::isBlocked))) {
            return RELEASE;
        }
        return contending.isEmpty() ? 0 : CONTENDED;
    }

    private synchronized void addWoken() {
        runnable.addAll(woken.values());
        woken.clear();
    }

    /** Lets the time pass until the next timer. False if there is none. */
    private boolean endNextTimer() {
        Timer timer = timers.poll();
        if (timer == null) {
            return false;
        }
        now = Math.max(now, timer.at());
        timer.task().run();
        return true;
    }

    /** Waits for a thread outside of the simulation. */
    private synchronized void awaitOthers(Thread test) throws InterruptedException {
        long end = System.nanoTime() + STALLED;
        while (runnable.isEmpty() && woken.isEmpty()) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                AssertionError stalled = new AssertionError("All threads wait; that of the test waits here.");
                stalled.setStackTrace(test.getStackTrace());
                throw stalled;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        addWoken();
    }

    /** Adds a thread that can go on. The JDK calls it. */
    @Override
    public synchronized void execute(Runnable continuation) {
        Thread thread = Continuations.thread(continuation);
        boolean had = onMonitors.remove(thread);
        boolean _ = contending.remove(thread);
        Thread waking = Thread.currentThread();
        if (!waking.isVirtual() && !waking.equals(carrier)) {
            woken.put(thread.threadId(), continuation);
            if (had) {
                withMonitor.add(thread);
            }
        } else if (isImmediate) {
            immediate = continuation;
        } else {
            runnable.add(continuation);
        }
        notifyAll();
    }

    /** Ends the timed waits of threads. The JDK calls one of its methods. */
    private ScheduledExecutorService timer() {
        return (ScheduledExecutorService) Proxy.newProxyInstance(
                SeededThreads.class.getClassLoader(),
                new Class<?>[] {ScheduledExecutorService.class},
                (_, method, arguments) -> {
                    if (!method.getName().equals("schedule") || !(arguments[0] instanceof Runnable task)) {
                        throw new UnsupportedOperationException(method.toString());
                    }
                    return schedule(task, ((TimeUnit) arguments[2]).toNanos((Long) arguments[1]));
                });
    }

    /** A timed wait of the thread that has just parked. */
    private ScheduledFuture<?> schedule(Runnable task, long nanos) {
        if (nanos < SHARE) {
            shortPark = task;
            return cancelling(() -> {});
        }
        Timer timer = new Timer(now + nanos, timerNumber++, task);
        timers.add(timer);
        return cancelling(() -> timers.remove(timer));
    }

    /** The JDK only cancels it. */
    private static ScheduledFuture<?> cancelling(Runnable cancel) {
        return (ScheduledFuture<?>) Proxy.newProxyInstance(
                SeededThreads.class.getClassLoader(), new Class<?>[] {ScheduledFuture.class}, (_, _, _) -> {
                    cancel.run();
                    return true;
                });
    }

    @Override
    public Thread.Builder loop() {
        return Thread.ofVirtual();
    }

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public Rest rest(BooleanSupplier nodes) {
        return new Rest() {
            @Override
            public void await() {
                long until = now + random.nextLong(LONGEST_REST);
                idle();
                while (!timers.isEmpty() && timers.peek().at() <= until) {
                    boolean _ = endNextTimer();
                    idle();
                }
                now = until;
            }

            @Override
            public boolean threadsIdle() {
                return true;
            }
        };
    }

    /** Lets all others go on until they wait. */
    private void idle() {
        resting = Thread.currentThread();
        while (resting != null) {
            LockSupport.park();
        }
    }

    private static Method newThread() {
        try {
            Method method = Class.forName("java.lang.ThreadBuilders")
                    .getDeclaredMethod("newVirtualThread", Executor.class, String.class, int.class, Runnable.class);
            method.setAccessible(true);
            return method;
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("The JDK has another form.", e);
        }
    }

    /** The executors that end the timed waits of virtual threads with a scheduler of their own. */
    private static ScheduledExecutorService[] timers() {
        try {
            Field field = Class.forName("java.lang.VirtualThread$DelayedTaskSchedulers")
                    .getDeclaredField("INSTANCE");
            field.setAccessible(true);
            return (ScheduledExecutorService[]) Objects.requireNonNull(field.get(null));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("The JDK has another form.", e);
        }
    }
}
