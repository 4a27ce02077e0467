package io.heliodor.playground.top;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The distribution of call durations between two scrapes, from the buckets of a histogram.
 *
 * @param buckets the cumulative number of calls by upper bound in seconds
 */
record Distribution(TreeMap<Double, Double> buckets) {
    static Distribution between(Scrape before, Scrape now, String name, Predicate<Scrape.Sample> which) {
        TreeMap<Double, Double> buckets = new TreeMap<>();
        add(buckets, now, name, which, 1);
        add(buckets, before, name, which, -1);
        return new Distribution(buckets);
    }

    private static void add(
            Map<Double, Double> buckets, Scrape scrape, String name, Predicate<Scrape.Sample> which, int sign) {
        for (Scrape.Sample sample : scrape.samples()) {
            if (sample.name().equals(name + "_bucket") && which.test(sample)) {
                String bound = sample.label("le");
                buckets.merge(
                        bound.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(bound),
                        sign * sample.value(),
                        Double::sum);
            }
        }
    }

    /** The number of calls. */
    double calls() {
        return buckets.isEmpty() ? 0 : Math.max(0, buckets.lastEntry().getValue());
    }

    /**
     * Returns a quantile of the durations in seconds, as the upper bound of its bucket.
     *
     * @param part 0 to 1
     * @return empty if there were no calls; infinite if it is above all bounds
     */
    OptionalDouble quantile(double part) {
        double wanted = part * calls();
        return calls() == 0
                ? OptionalDouble.empty()
                : buckets.entrySet().stream()
                        .filter(bucket -> bucket.getValue() >= wanted)
                        .mapToDouble(Map.Entry::getKey)
                        .findFirst();
    }
}
