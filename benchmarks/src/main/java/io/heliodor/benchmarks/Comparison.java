package io.heliodor.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Runs against two servers in turn, A B B A, so that both see the same machine.
 *
 * @param figure what is compared
 * @param a the first server, by its command line or URL
 * @param b the second one
 * @param pairs in the order in which they ran
 */
record Comparison(String figure, String a, String b, List<Pair> pairs, Ratio ratio) {
    /** @param ratio A's figure divided by B's */
    record Pair(RunResult a, RunResult b, double ratio) {
        static Pair of(RunResult a, RunResult b) throws RunFailed {
            double of = a.figure().orElseThrow(() -> noFigure("first"));
            double to = b.figure().orElseThrow(() -> noFigure("second"));
            return new Pair(a, b, of / to);
        }

        private static RunFailed noFigure(String which) {
            return new RunFailed("the " + which + " server has no figure to compare: is its process known?");
        }
    }

    /** A run that is repeated. */
    interface Repeated {
        RunResult run() throws IOException, RunFailed, InterruptedException;
    }

    /** Runs both in turn. Each is the first one of every other pair: a machine that slows down favours neither. */
    static List<Pair> pairs(int count, Repeated a, Repeated b) throws IOException, RunFailed, InterruptedException {
        List<Pair> done = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean ordered = i % 2 == 0;
            RunResult first = (ordered ? a : b).run();
            RunResult second = (ordered ? b : a).run();
            done.add(ordered ? Pair.of(first, second) : Pair.of(second, first));
        }
        return done;
    }

    static Comparison of(String figure, String a, String b, List<Pair> pairs) {
        return new Comparison(
                figure,
                a,
                b,
                List.copyOf(pairs),
                Ratio.of(pairs.stream().map(Pair::ratio).toList()));
    }

    String text() {
        StringBuilder out = new StringBuilder(
                String.format(Locale.ROOT, "%s%nA                %s%nB                %s%n", figure, a, b));
        for (int i = 0; i < pairs.size(); i++) {
            Pair pair = pairs.get(i);
            out.append(String.format(
                    Locale.ROOT,
                    "pair %d           A %,.0f  B %,.0f  ratio %.2f%n",
                    i + 1,
                    pair.a().figure().orElse(Double.NaN),
                    pair.b().figure().orElse(Double.NaN),
                    pair.ratio()));
        }
        return out.append(String.format(
                        Locale.ROOT,
                        "A / B            min %.2f  median %.2f  max %.2f%n",
                        ratio.min(),
                        ratio.median(),
                        ratio.max()))
                .toString();
    }

    boolean clean() {
        return pairs.stream().allMatch(pair -> pair.a().clean() && pair.b().clean());
    }
}
