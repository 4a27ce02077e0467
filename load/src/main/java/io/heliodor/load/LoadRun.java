package io.heliodor.load;

import io.heliodor.client.socket.ClientSocket;
import io.heliodor.client.socket.JdkSocket;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * One run: the clients join, then messages are due at fixed times, whatever the server manages, and at last the rest may arrive.
 *
 * <p>The schedule never slips: a message that is sent late keeps its time, from which its latency counts. So a pause of the server counts for
 * all messages that were due in it, and not only for those that were under way (coordinated omission).
 */
final class LoadRun {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final Duration JOIN_TIME = Duration.ofSeconds(10);
    private static final int MIN_CAPACITY = 64;
    private static final int MAX_CAPACITY = 1 << 20;

    private final LoadPlan plan;
    private final Consumer<String> progress;
    private final Measurements measurements = new Measurements();
    private final Map<String, TopicMessages> topics = new LinkedHashMap<>();
    private final Map<TopicMessages, Integer> members = new LinkedHashMap<>();
    private final List<LoadClient> clients = new ArrayList<>();

    /** Connections that end before the load, or after it, are not counted. */
    private volatile boolean isMeasured;

    private final LongAdder joined = new LongAdder();

    /** The first client that cannot join. */
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private long lag;
    private long lastLine;
    private long lastSent;
    private long lastArrived;

    /** A run that reports a line a second. */
    LoadRun(LoadPlan plan, Consumer<String> progress) {
        this.plan = plan;
        this.progress = progress;
    }

    LoadResult run() throws InterruptedException {
        ExecutorService callbacks = Executors.newFixedThreadPool(
                Runtime.getRuntime().availableProcessors(), task -> daemon(task, "heliodor-load-callbacks"));
        ExecutorService connections = Executors.newCachedThreadPool(task -> daemon(task, "heliodor-load-http"));
        try {
            HttpClient http = HttpClient.newBuilder().executor(connections).build();
            join(callbacks, () -> socket(http));
            isMeasured = true;
            long begun = System.nanoTime();
            send();
            double seconds = (System.nanoTime() - begun) / 1e9;
            awaitRest();
            isMeasured = false;
            return result(seconds);
        } finally {
            isMeasured = false;
            close();
            callbacks.shutdown();
            connections.shutdown();
        }
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    private ClientSocket socket(HttpClient http) {
        return new CountedSocket(
                new JdkSocket(http),
                status -> Measurements.count(measurements.failedAttempts, status),
                message -> {
                    if (isMeasured && isPush()) {
                        PushRefusal.reason(message).ifPresent(measurements::error);
                    }
                },
                code -> {
                    if (isMeasured) {
                        Measurements.count(measurements.disconnects, code);
                    }
                });
    }

    /** The first client joins alone, so that a fault of the options is one line. The others follow at equal distances. */
    private void join(ExecutorService callbacks, Supplier<ClientSocket> sockets) throws InterruptedException {
        String run = Long.toString(System.nanoTime() & 0xffffff, Character.MAX_RADIX);
        double rateOfTopic = plan.rate() / topicsOf(plan);
        int capacity = capacity(rateOfTopic * (plan.timeout().toNanos() / 1e9 + 1));
        List<CompletableFuture<LoadClient>> joins = new ArrayList<>();
        long start = System.nanoTime();
        for (int number = 0; number < plan.clients(); number++) {
            TopicMessages messages = topics.computeIfAbsent(
                    plan.topic(number), topic -> new TopicMessages(run, topics.size(), capacity));
            members.merge(messages, 1, Integer::sum);
            LoadClient client = new LoadClient(plan, number, messages, measurements, callbacks, sockets);
            clients.add(client);
            CompletableFuture<LoadClient> join = client.join().whenComplete((it, fault) -> {
                if (fault == null) {
                    joined.increment();
                } else {
                    failure.compareAndSet(null, fault);
                }
            });
            joins.add(join);
            if (number == 0) {
                await(join, JOIN_TIME);
                start = System.nanoTime();
            } else {
                long due = start + (long) ((double) plan.ramp().toNanos() * number / plan.clients());
                sleepUntil(due, this::joined);
                checkFailure();
            }
        }
        long end = System.nanoTime() + JOIN_TIME.toNanos();
        for (CompletableFuture<LoadClient> join : joins) {
            while (!join.isDone() && System.nanoTime() < end) {
                sleepUntil(System.nanoTime() + SECOND / 20, this::joined);
                checkFailure();
            }
            await(join, Duration.ZERO);
        }
    }

    private static int topicsOf(LoadPlan plan) {
        return plan.topic().contains(LoadPlan.CLIENT) ? plan.clients() : 1;
    }

    private static int capacity(double messages) {
        long least = (long) Math.ceil(messages) + MIN_CAPACITY;
        long capacity = Math.min(MAX_CAPACITY, Long.highestOneBit(2 * least - 1));
        return (int) capacity;
    }

    private void checkFailure() {
        Throwable first = failure.get();
        if (first != null) {
            throw new Failed(String.valueOf(first.getMessage()));
        }
    }

    private static void await(CompletableFuture<LoadClient> join, Duration time) throws InterruptedException {
        try {
            LoadClient unused = join.get(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | CompletionException e) {
            Throwable cause = e.getCause();
            throw new Failed(
                    cause instanceof Failed failed ? String.valueOf(failed.getMessage()) : String.valueOf(cause));
        } catch (TimeoutException e) {
            throw new Failed("a client has not joined within " + JOIN_TIME.toSeconds()
                    + " s: the server does not answer, or refuses for a time; a longer --ramp connects more slowly");
        }
    }

    private String joined() {
        return "joined " + joined.sum() + " of " + plan.clients();
    }

    /** Sends each message at its time. The clients take turns. */
    private void send() throws InterruptedException {
        long start = System.nanoTime();
        double gap = 1e9 / plan.rate();
        long messages = plan.messages();
        String event = plan.event().orElse("");
        for (long message = 0; message < messages; message++) {
            long due = start + (long) (message * gap);
            sleepUntil(due, this::line);
            lag = Math.max(lag, System.nanoTime() - due);
            clients.get((int) (message % clients.size())).send(event, due);
        }
        sleepUntil(start + plan.seconds().toNanos(), this::line);
    }

    private void awaitRest() throws InterruptedException {
        long end = System.nanoTime() + plan.timeout().toNanos();
        while (!isComplete() && System.nanoTime() < end) {
            sleepUntil(System.nanoTime() + SECOND / 50, this::line);
        }
    }

    private boolean isPush() {
        return plan.event().isPresent() && !plan.isCall();
    }

    /** Of an event that does not come back, only a refusal is known: none of them may come later. */
    private boolean isComplete() {
        if (isPush() && plan.receives().isEmpty()) {
            return total(measurements.errors()) >= measurements.sent.sum();
        }
        long answers = measurements.answered.sum()
                + measurements.repliesMissing.sum()
                + measurements.errors().values().stream()
                        .mapToLong(Long::longValue)
                        .sum();
        return (!plan.isCall() || answers >= measurements.sent.sum())
                && (plan.receives().isEmpty() || measurements.received.sum() >= expected());
    }

    /** The messages that all receivers together are to get. */
    private long expected() {
        if (plan.receives().isEmpty()) {
            return 0;
        }
        return members.entrySet().stream()
                .mapToLong(topic -> topic.getKey().sent() * receivers(topic.getValue()))
                .sum();
    }

    private int receivers(int size) {
        return switch (plan.receivers()) {
            case ALL -> size;
            case OTHERS -> size - 1;
            case SENDER -> 1;
        };
    }

    /** Waits for a time, and reports a line each second meanwhile. */
    private void sleepUntil(long time, Supplier<String> line) throws InterruptedException {
        for (long now = System.nanoTime(); ; now = System.nanoTime()) {
            if (now - lastLine >= SECOND) {
                if (lastLine != 0) {
                    progress.accept(line.get());
                }
                lastLine = now;
            }
            if (time - now <= 0) {
                return;
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            LockSupport.parkNanos(Math.min(time - now, SECOND / 10));
        }
    }

    private String line() {
        long sent = measurements.sent.sum();
        long arrived = measurements.answered.sum() + measurements.received.sum();
        Histogram replies = measurements.replies.interval();
        Histogram deliveries = measurements.deliveries.interval();
        Histogram shown = replies.getTotalCount() > 0 ? replies : deliveries;
        String text = String.format(
                Locale.ROOT,
                "sent %d/s, arrived %d/s, p99 %s, errors %d, closed %d",
                sent - lastSent,
                arrived - lastArrived,
                shown.getTotalCount() == 0
                        ? "-"
                        : String.format(Locale.ROOT, "%.1f ms", Latencies.millis(shown.getValueAtPercentile(99))),
                total(measurements.errors()) + measurements.repliesMissing.sum() + measurements.notSent.sum(),
                total(Measurements.sums(measurements.disconnects)));
        lastSent = sent;
        lastArrived = arrived;
        return text;
    }

    private static long total(Map<?, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    private LoadResult result(double seconds) {
        long arrived = clients.stream().mapToLong(LoadClient::arrived).sum();
        long expected = expected();
        long unsent = plan.isCall()
                ? 0
                : clients.stream().mapToLong(LoadClient::unsent).sum();
        return new LoadResult(
                plan.clients(),
                topics.size(),
                seconds,
                plan.messages(),
                measurements.sent.sum() - unsent,
                measurements.notSent.sum() + unsent,
                measurements.replies.total(),
                measurements.errors(),
                measurements.repliesMissing.sum(),
                measurements.deliveries.total(),
                expected,
                Math.max(0, expected - arrived),
                measurements.repeated.sum(),
                measurements.late.sum(),
                Measurements.sums(measurements.disconnects),
                Measurements.sums(measurements.failedAttempts),
                lag / 1e6);
    }

    /** All at once: each waits up to a second for its connection. */
    private void close() {
        List<Thread> threads = new ArrayList<>();
        int parallel = Math.min(clients.size(), 64);
        for (int first = 0; first < parallel; first++) {
            int from = first;
            Thread thread = daemon(
                    () -> {
                        for (int i = from; i < clients.size(); i += parallel) {
                            clients.get(i).close();
                        }
                    },
                    "heliodor-load-close");
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** A run that cannot go on. The message is for the user. */
    static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1;

        Failed(String message) {
            super(message);
        }
    }
}
