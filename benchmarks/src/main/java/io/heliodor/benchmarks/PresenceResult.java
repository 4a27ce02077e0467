package io.heliodor.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * The result of a presence run; as JSON the names are in snake case.
 *
 * @param settings all options as they were in force
 * @param storm the joins of many clients at once; empty if not requested
 * @param newcomers joins to topics on which many are present, one for each population
 * @param ready newcomers against pushes of ready bytes, one for each population
 * @param memory what those present cost, one for each way to spread them
 */
record PresenceResult(
        Map<String, Object> settings,
        Optional<StormResult> storm,
        List<JoinsResult> newcomers,
        List<ReadyResult> ready,
        List<Memory> memory) {

    /**
     * @param asked clients
     * @param complete how many of them held as many presences as there are clients, in the end
     * @param same whether all held the same, and that was each user once
     * @param seconds from the first join to the moment at which the last client was complete
     * @param server empty if its process is not known
     * @param otherCpuSeconds CPU that neither the server nor the generator used
     * @param unknown messages that could not be read or had no place
     */
    record StormResult(
            int asked,
            int complete,
            boolean same,
            double seconds,
            Messages messages,
            Optional<StormServer> server,
            RunResult.Generator generator,
            Optional<Double> otherCpuSeconds,
            long unknown,
            long refused,
            Map<String, Long> failures) {
        boolean clean() {
            return same && complete == asked && unknown == 0 && refused == 0 && failures.isEmpty();
        }
    }

    /** WebSocket messages that clients got, and the bytes of those of presence, without their frames. */
    record Messages(long total, long replies, long states, long diffs, long stateBytes, long diffBytes) {}

    /**
     * @param memoryBefore resident bytes when all were connected and none had joined
     * @param memoryMax the most from then until all was quiet
     */
    record StormServer(double cpuSeconds, long memoryBefore, long memoryMax) {
        long growth() {
            return memoryMax - memoryBefore;
        }
    }

    /**
     * @param present how many are present on the topic throughout
     * @param seconds the measured time
     * @param joins the number of joins that received the state within it
     * @param cpuMillisPerJoin of the server, with the leave that follows; empty if its process is not known
     * @param stateBytes of a {@code presence_state}, the median
     * @param diffBytes of a {@code presence_diff}, the median
     * @param ownStateMicros from the time at which the join was due until the joiner had the state; empty if that never
     *     happened to a join of the measured time
     * @param otherDiffMicros the same until another member had the diff
     * @param unsent joins that were due but not sent, because all clients were still busy
     * @param missing joins whose state or diff was not received
     */
    record JoinsResult(
            int present,
            double seconds,
            long joins,
            double perSecond,
            Optional<Double> cpuMillisPerJoin,
            long stateBytes,
            long diffBytes,
            Optional<RunResult.Latency> ownStateMicros,
            Optional<RunResult.Latency> otherDiffMicros,
            RunResult.Generator generator,
            Optional<Double> otherCpuSeconds,
            long unsent,
            long missing,
            long unknown,
            long refused,
            Map<String, Long> failures) {
        boolean clean() {
            return joins > 0 && missing == 0 && unknown == 0 && refused == 0 && failures.isEmpty();
        }
    }

    /**
     * @param joinMillis the server's CPU for a newcomer, with the leave that follows
     * @param pushMillis that for a push of as many ready bytes as the state has, with the client's request
     * @param clean whether all of them were received
     */
    record ReadyPair(double joinMillis, double pushMillis, boolean clean) {
        double ratio() {
            return joinMillis / pushMillis;
        }
    }

    /** @param pairs in the order in which they ran */
    record ReadyResult(int present, List<ReadyPair> pairs) {
        Ratio of(ToDoubleFunction<ReadyPair> figure) {
            return Ratio.of(pairs.stream().mapToDouble(figure).boxed().toList());
        }

        boolean clean() {
            return pairs.stream().allMatch(ReadyPair::clean);
        }
    }

    /**
     * @param topics how many
     * @param each how many are present on each of them
     * @param liveBytes for each presence: objects after a collection
     * @param residentBytes for each presence: growth of the process, including garbage
     */
    record Memory(int topics, int each, double liveBytes, double residentBytes) {}

    /** Whether all clients received all messages. */
    boolean clean() {
        return storm.stream().allMatch(StormResult::clean)
                && newcomers.stream().allMatch(JoinsResult::clean)
                && ready.stream().allMatch(ReadyResult::clean);
    }
}
