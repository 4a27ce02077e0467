package io.heliodor.interop.hosts;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** Bounds for the memory and the processor time of the processes in it: control groups of Linux, version 1. */
final class Container implements AutoCloseable {
    private static final Path GROUPS = Path.of("/sys/fs/cgroup");
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final int PERIOD_MICROS = 100_000;
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final Path memory;
    private final Path cpu;

    /**
     * Makes a container.
     *
     * @param bytes the limit of its memory
     * @param percent of one processor
     */
    Container(long bytes, int percent) throws IOException {
        String name = "heliodor-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
        memory = Files.createDirectory(GROUPS.resolve("memory").resolve(name));
        cpu = Files.createDirectory(GROUPS.resolve("cpu").resolve(name));
        write(memory.resolve("memory.limit_in_bytes"), bytes);
        write(cpu.resolve("cpu.cfs_period_us"), PERIOD_MICROS);
        write(cpu.resolve("cpu.cfs_quota_us"), (long) PERIOD_MICROS * percent / 100);
    }

    /** The reason why there can be none here, if there is one. */
    static Optional<String> whyNot() {
        try {
            new Container(100 << 20, 50).close();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("control groups of version 1 cannot be made here: " + e);
        }
    }

    private static void write(Path file, long number) throws IOException {
        // Not truncated: these are no files.
        try (var out = Files.newOutputStream(file, StandardOpenOption.WRITE)) {
            out.write(Long.toString(number).getBytes(UTF_8));
        }
    }

    /** The prefix of a command that runs in it. */
    List<String> prefix() {
        String enter = "echo $$ > " + memory + "/cgroup.procs && echo $$ > " + cpu + "/cgroup.procs && exec \"$@\"";
        return List.of("sh", "-c", enter, "sh");
    }

    /** The number of processes that were killed because they needed more memory. */
    long killed() throws IOException {
        return Files.readAllLines(memory.resolve("memory.oom_control")).stream()
                .filter(line -> line.startsWith("oom_kill "))
                .mapToLong(line -> Long.parseLong(line.substring("oom_kill ".length())))
                .sum();
    }

    /** The maximum of the memory in use so far, in bytes. */
    long peak() throws IOException {
        return Long.parseLong(
                Files.readString(memory.resolve("memory.max_usage_in_bytes")).strip());
    }

    /** Its processes must have ended. */
    @Override
    public void close() {
        for (Path group : List.of(memory, cpu)) {
            Programs.attempt(DEADLINE, "rmdir", group.toString());
        }
    }
}
