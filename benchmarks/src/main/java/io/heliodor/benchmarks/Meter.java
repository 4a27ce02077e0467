package io.heliodor.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Reads the CPU time and memory of the server, of this generator and of the whole machine. */
final class Meter {
    private final OperatingSystemMXBean self = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private final List<Long> servers;
    private List<Long> tree = List.of();
    private long maxMemory;

    /**
     * The use up to a moment.
     *
     * @param serverCpu seconds
     * @param serverMemory resident bytes
     * @param clientCpu seconds
     * @param machineBusy CPU seconds of everything on the machine
     */
    record Reading(
            Optional<Double> serverCpu, Optional<Long> serverMemory, double clientCpu, Optional<Double> machineBusy) {
        Optional<Double> serverCpuSince(Reading earlier) {
            return minus(serverCpu, earlier.serverCpu);
        }

        double clientCpuSince(Reading earlier) {
            return clientCpu - earlier.clientCpu;
        }

        /** The CPU time of other processes; may be slightly negative, because the clocks of the kernel differ. */
        Optional<Double> otherCpuSince(Reading earlier) {
            return serverCpuSince(earlier)
                    .flatMap(used ->
                            minus(machineBusy, earlier.machineBusy).map(all -> all - used - clientCpuSince(earlier)));
        }

        private static Optional<Double> minus(Optional<Double> later, Optional<Double> earlier) {
            return later.flatMap(l -> earlier.map(e -> l - e));
        }
    }

    /** Reads processes of servers; none if they are not known. */
    Meter(List<Long> servers) {
        this.servers = servers;
    }

    /** Reads everything, including the server's descendants. */
    Reading read() {
        tree = servers.stream()
                .flatMap(pid -> Stream.concat(Stream.of(pid), descendants(pid)))
                .toList();
        return new Reading(
                sum(ProcSample::cpuSeconds),
                readMemory(),
                self.getProcessCpuTime() / 1e9,
                ProcSample.machineBusySeconds());
    }

    /** Reads the server's memory only, which is cheap enough during the load. */
    Optional<Long> readMemory() {
        Optional<Long> memory = sum(ProcSample::residentBytes).map(Double::longValue);
        memory.ifPresent(bytes -> maxMemory = Math.max(maxMemory, bytes));
        return memory;
    }

    /** The maximum of memory in all readings. */
    long maxMemory() {
        return maxMemory;
    }

    private Optional<Double> sum(Function<Long, Optional<? extends Number>> figure) {
        return ProcSample.sum(tree, figure);
    }

    private static Stream<Long> descendants(long pid) {
        return ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::descendants)
                .map(ProcessHandle::pid);
    }
}
