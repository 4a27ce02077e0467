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
 * One line of docs/reliability.md: an input, and what must come of it.
 *
 * @param input what is sent, in words
 * @param outcome what must come
 * @param attack sends it and says what came
 * @param server how the server differs from the default
 * @param counted how often each counter of refusals must count each time; less than zero for as often or more
 * @param logged parts of the lines above debug that there may be, and must be
 * @param times how often it is sent, one after the other
 * @param shownIn where it is shown instead, as path and name of the test; empty if it is run here
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

    /** What a client does, and what it sees of it. */
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

    /** Bytes behind the handshake and a join, each of them in its turn. */
    static Row frames(String input, String outcome, byte[]... variants) {
        return of(input, outcome, target -> target.end(target.member(), variants[target.round() % variants.length]))
                .times(Math.max(TIMES, variants.length))
                .limits(Limits.openInternet().sessions(s -> s.maxMessageBytes(LIMIT)));
    }

    /** One that another test shows already. */
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
        return limits(Limits.openInternet().connections(c -> c.handshakeTimeout(Duration.ofMillis(200))))
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
