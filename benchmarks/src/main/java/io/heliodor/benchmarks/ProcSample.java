package io.heliodor.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Figures of Linux's {@code /proc}; empty on other systems. */
final class ProcSample {
    /** The clock tick of Linux on common processors. */
    private static final double TICKS_PER_SECOND = 100;

    private static final int USER = 11;
    private static final int CHILDREN_SYSTEM = 14;

    private static final int BUSY_UNTIL = 8;
    private static final int IDLE = 3;
    private static final int WAITING = 4;

    private ProcSample() {}

    /** CPU seconds of a process, with those of its children that have ended. */
    static Optional<Double> cpuSeconds(long pid) {
        return read("/proc/" + pid + "/stat").map(ProcSample::parseStat);
    }

    /** Memory of a process that is in RAM, in bytes. */
    static Optional<Long> residentBytes(long pid) {
        return read("/proc/" + pid + "/status").flatMap(status -> parseKilobytes(status, "VmRSS"));
    }

    /** A figure of several processes together; nothing if it is known of none. */
    static Optional<Double> sum(List<Long> pids, Function<Long, Optional<? extends Number>> figure) {
        List<Double> figures = pids.stream()
                .flatMap(pid -> figure.apply(pid).stream())
                .map(Number::doubleValue)
                .toList();
        return figures.isEmpty()
                ? Optional.empty()
                : Optional.of(figures.stream().mapToDouble(Double::doubleValue).sum());
    }

    /** CPU seconds of the whole machine that were not idle. */
    static Optional<Double> machineBusySeconds() {
        return read("/proc/stat").map(ProcSample::parseMachine);
    }

    /** The maximum of open files of this process. */
    static Optional<Long> openFilesLimit() {
        return read("/proc/self/limits").flatMap(ProcSample::parseOpenFiles);
    }

    private static Optional<String> read(String file) {
        try {
            return Optional.of(Files.readString(Path.of(file)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The second field is the program's name, which may contain anything: fields are counted after its last ')'. */
    static double parseStat(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        long ticks = 0;
        for (int i = USER; i <= CHILDREN_SYSTEM; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return ticks / TICKS_PER_SECOND;
    }

    static Optional<Long> parseKilobytes(String status, String name) {
        return status.lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.replaceAll("\\D", ""))
                .filter(digits -> !digits.isEmpty())
                .map(digits -> Long.parseLong(digits) * 1024)
                .findFirst();
    }

    static double parseMachine(String stat) {
        String[] fields =
                stat.lines().findFirst().orElse("").replaceFirst("^cpu +", "").split(" ", -1);
        long ticks = 0;
        for (int i = 0; i < Math.min(BUSY_UNTIL, fields.length); i++) {
            ticks += i == IDLE || i == WAITING ? 0 : Long.parseLong(fields[i]);
        }
        return ticks / TICKS_PER_SECOND;
    }

    static Optional<Long> parseOpenFiles(String limits) {
        return limits.lines()
                .filter(line -> line.startsWith("Max open files"))
                .map(line -> line.split(" {2,}", -1)[1])
                .filter(soft -> !soft.equals("unlimited"))
                .map(Long::valueOf)
                .findFirst();
    }
}
