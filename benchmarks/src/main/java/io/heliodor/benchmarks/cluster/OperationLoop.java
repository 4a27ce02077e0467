package io.heliodor.benchmarks.cluster;

import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.HdrHistogram.Histogram;

/** A repeated operation on a virtual thread, from its start until it is stopped. */
final class OperationLoop {
    private static final int DIGITS = 3;

    private final Member member;
    private final NodeWorkload part;
    private final Operation operation;
    private final int trial;
    private final CompletableFuture<String> done = new CompletableFuture<>();
    private volatile boolean measured;
    private volatile boolean over;

    private OperationLoop(Member member, NodeWorkload part, Operation operation, int trial) {
        this.member = member;
        this.part = part;
        this.operation = operation;
        this.trial = trial;
    }

    static OperationLoop start(Member member, NodeWorkload part, Operation operation, int trial) {
        OperationLoop doing = new OperationLoop(member, part, operation, trial);
        Thread.ofVirtual().name("operation").start(doing::run);
        return doing;
    }

    /** The warm-up is over. */
    void measure() {
        measured = true;
    }

    /** Stops the loop, and returns its result. */
    String end() {
        over = true;
        return done.join();
    }

    private void run() {
        try {
            done.complete(operation.isStream() ? stream() : ask());
        } catch (Exception e) {
            done.completeExceptionally(e);
        }
    }

    private String stream() throws Exception {
        part.begin(trial, operation);
        boolean marked = false;
        long number = 0;
        while (true) {
            // In this order: the measurement begins before the end.
            boolean last = over;
            boolean begins = measured && !marked;
            MessageHeader.Kind kind =
                    begins ? MessageHeader.Kind.BEGIN : last ? MessageHeader.Kind.END : MessageHeader.Kind.DATA;
            part.stream(member, operation, kind, trial, number);
            number++;
            marked |= begins;
            if (kind == MessageHeader.Kind.END) {
                return "sent " + number;
            }
        }
    }

    private String ask() throws Exception {
        Histogram times = new Histogram(DIGITS);
        boolean marked = false;
        long begun = System.nanoTime();
        long before = begun;
        for (long number = 0; !over || times.getTotalCount() == 0; number++) {
            if (measured && !marked) {
                marked = true;
                times.reset();
                begun = before;
            }
            part.ask(member, operation, trial, number);
            long now = System.nanoTime();
            times.recordValue(now - before);
            before = now;
        }
        return String.format(
                Locale.ROOT,
                "asked %d %d %d %d %d",
                times.getTotalCount(),
                before - begun,
                times.getValueAtPercentile(50),
                times.getValueAtPercentile(99),
                times.getMaxValue());
    }
}
