package io.heliodor.transport.http;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.transport.io.BlockingTasks;
import io.heliodor.type.text.EscapedException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The readiness checks of an application. They run in parallel on virtual threads, at most once a second however many
 * requests come. A check that does not return in time counts as not ready, and does not run again until it returns.
 */
public final class Readiness {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long TIMEOUT_MILLIS = 2_000;

    private final Map<String, Callable<Boolean>> checks;
    private final Map<String, CompletableFuture<Boolean>> running = new ConcurrentHashMap<>();

    @GuardedBy("this")
    private @Nullable Map<String, Boolean> last;

    @GuardedBy("this")
    private long lastAt;

    /**
     * The checks of an application.
     *
     * @param checks by name
     */
    public Readiness(Map<String, Callable<Boolean>> checks) {
        this.checks = new LinkedHashMap<>(checks);
    }

    /** Whether there are checks. */
    boolean hasChecks() {
        return !checks.isEmpty();
    }

    /** The results of the checks, in their order. Blocks for two seconds at most. */
    synchronized Map<String, Boolean> results() {
        if (last != null && System.nanoTime() - lastAt < FRESH_NANOS) {
            return last;
        }
        checks.forEach((name, check) -> running.computeIfAbsent(name, begun -> begin(name, check)));
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MILLIS);
        Map<String, Boolean> results = new LinkedHashMap<>();
        checks.keySet().forEach(name -> results.put(name, awaitResult(name, deadline)));
        last = results;
        lastAt = System.nanoTime();
        return results;
    }

    private static CompletableFuture<Boolean> begin(String name, Callable<Boolean> check) {
        CompletableFuture<Boolean> result = new CompletableFuture<>();
        BlockingTasks.start(() -> {
            try {
                result.complete(check.call());
            } catch (Throwable e) {
                LOG.atWarn()
                        .addKeyValue("check", name)
                        .setCause(EscapedException.of(e))
                        .log("The check of readiness {} failed.", name);
                result.complete(false);
            }
        });
        return result;
    }

    private boolean awaitResult(String name, long deadline) {
        CompletableFuture<Boolean> result = running.get(name);
        try {
            boolean ready = result != null
                    && Boolean.TRUE.equals(result.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS));
            running.remove(name);
            return ready;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (Exception e) {
            LOG.atWarn()
                    .addKeyValue("check", name)
                    .log("The check of readiness {} takes more than {} ms.", name, TIMEOUT_MILLIS);
            return false;
        }
    }
}
