package io.heliodor.benchmarks;

import java.util.List;

/** The minimum, median and maximum of some figures. */
record Ratio(double min, double median, double max) {
    static Ratio of(List<Double> figures) {
        double[] sorted =
                figures.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int last = sorted.length - 1;
        return new Ratio(sorted[0], (sorted[last / 2] + sorted[(last + 1) / 2]) / 2, sorted[last]);
    }
}
