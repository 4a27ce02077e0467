package io.heliodor.endpoint.hostile;

import io.heliodor.endpoint.Endpoint;
import io.heliodor.endpoint.RawClient;
import io.heliodor.limit.Limits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * One line of docs/reliability.md: an input and its outcome.
 *
 * @param input the input, in words
 * @param outcome the expected outcome
 * @param attack sends the input and returns the outcome
 * @param server how the server differs from the default
 * @param counted the increase of each counter of refusals each time; less than zero for at least this increase
 * @param logged parts of lines above debug: each such line must contain one of them
 * @param times the number of attacks, one after the other
 * @param shownIn path and name of another test that covers it; empty if it is run here
 */
record Row(
        String input,
        String outcome,
        Attack attack,
        UnaryOperator<Endpoint.Builder> server,
        Map<String, Integer> counted,
        List<String> logged,
        int times,
        List<String> shownIn) {
    static final int LIMIT = 1 << 10;

    private static final int TIMES = 10;

    /** The input of a client, and the outcome that it sees. */
    @FunctionalInterface
    interface Attack {
        String on(Target target);
    }

    static Row of(String input, String outcome, Attack attack) {
        return new Row(input, outcome, attack, builder -> builder, Map.of(), List.of(), TIMES, List.of());
    }

    /** Requests, each of them in its turn. Of each the head is given, without the blank line. */
    static Row request(String input, String outcome, String... heads) {
        return of(input, outcome, target -> target.answer(heads[target.round() % heads.length]))
                .times(Math.max(TIMES, heads.length));
    }

    /** Bytes after the handshake and a join, each of them in its turn. */
    static Row frames(String input, String outcome, byte[]... variants) {
        return of(input, outcome, target -> target.end(target.member(), variants[target.round() % variants.length]))
                .times(Math.max(TIMES, variants.length))
                .limits(Limits.openInternet().sessions(s -> s.maxMessageBytes(LIMIT)));
    }

    /** A row that another test covers. */
    static Row shown(String input, String outcome, String path, String test) {
        return new Row(
                input, outcome, target -> outcome, builder -> builder, Map.of(), List.of(), 0, List.of(path, test));
    }

    boolean run() {
        return shownIn.isEmpty();
    }

    /** Each time this counter counts one. */
    Row counts(String counter) {
        return counts(counter, 1);
    }

    Row counts(String counter, int each) {
        Map<String, Integer> more = new TreeMap<>(counted);
        more.put(counter, each);
        return new Row(input, outcome, attack, server, more, logged, times, shownIn);
    }

    /** Each time this counter counts so many or more. */
    Row countsAtLeast(String counter, int each) {
        return counts(counter, -each);
    }

    /** There are lines above debug, and in each of them one of these. */
    Row logs(String... parts) {
        return new Row(input, outcome, attack, server, counted, List.of(parts), times, shownIn);
    }

    Row on(UnaryOperator<Endpoint.Builder> changed) {
        return new Row(input, outcome, attack, changed, counted, logged, times, shownIn);
    }

    Row limits(Limits limits) {
        return on(builder -> builder.limits(limits));
    }

    /** With a short time for handshakes. */
    Row impatient() {
        return limits(Limits.openInternet().connections(c -> c.handshakeTimeout(Duration.ofSeconds(1))))
                .times(3);
    }

    Row times(int often) {
        return new Row(input, outcome, attack, server, counted, logged, often, shownIn);
    }

    static String upgrade(String line) {
        return line + " HTTP/1.1\r\n" + RawClient.upgradeHeaders();
    }

    @Override
    public String toString() {
        return input + ": " + outcome;
    }
}
