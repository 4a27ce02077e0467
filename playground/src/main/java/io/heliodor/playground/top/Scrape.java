package io.heliodor.playground.top;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * One scrape of a server's metrics in the text format of Prometheus.
 *
 * @param samples the samples in order
 */
record Scrape(List<Sample> samples) {
    private static final Pattern LINE =
            Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})?\\s+(\\S+)(?:\\s+-?\\d+)?");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    /**
     * A sample.
     *
     * @param name its name
     * @param labels its labels
     * @param value its value
     */
    record Sample(String name, Map<String, String> labels, double value) {
        String label(String key) {
            return labels.getOrDefault(key, "");
        }
    }

    /** Parses a text; lines that are not samples are ignored. */
    static Scrape parse(String text) {
        List<Sample> samples = new ArrayList<>();
        text.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            Matcher matcher = LINE.matcher(line.strip());
            if (matcher.matches()) {
                samples.add(new Sample(matcher.group(1), labels(matcher.group(2)), number(matcher.group(3))));
            }
        });
        return new Scrape(List.copyOf(samples));
    }

    private static Map<String, String> labels(@Nullable String text) {
        Map<String, String> labels = new LinkedHashMap<>();
        if (text != null) {
            Matcher matcher = LABEL.matcher(text);
            while (matcher.find()) {
                labels.put(matcher.group(1), unescaped(matcher.group(2)));
            }
        }
        return labels;
    }

    private static String unescaped(String value) {
        return value.replace("\\n", " ").replace("\\\"", "\"").replace("\\\\", "\\");
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> {
                try {
                    yield Double.parseDouble(text);
                } catch (NumberFormatException e) {
                    yield Double.NaN;
                }
            }
        };
    }

    boolean has(String name) {
        return samples.stream().anyMatch(sample -> sample.name().equals(name));
    }

    /** The sum of all samples of a name; 0 if there are none. */
    double sum(String name) {
        return sum(name, sample -> true);
    }

    double sum(String name, Predicate<Sample> which) {
        return read(name, which).orElse(0);
    }

    /** The sum of these samples of a name; empty if none has a value. */
    OptionalDouble read(String name, Predicate<Sample> which) {
        double[] values = samples.stream()
                .filter(sample -> sample.name().equals(name) && !Double.isNaN(sample.value()))
                .filter(which)
                .mapToDouble(Sample::value)
                .toArray();
        return values.length == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(DoubleStream.of(values).sum());
    }

    /** The sums of a name for each value of a label, sorted. */
    Map<String, Double> by(String name, String label) {
        Map<String, Double> sums = new TreeMap<>();
        samples.stream()
                .filter(sample -> sample.name().equals(name) && !Double.isNaN(sample.value()))
                .forEach(sample -> sums.merge(sample.label(label), sample.value(), Double::sum));
        return sums;
    }
}
