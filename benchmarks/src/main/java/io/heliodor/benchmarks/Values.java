package io.heliodor.benchmarks;

import java.time.Duration;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The types of option values. */
final class Values {
    private static final int DAY = 86_400;

    private Values() {}

    /** Sets how a command and its subcommands read numbers and durations, unless an option names another type. */
    static CommandLine register(CommandLine line) {
        return line.registerConverter(int.class, Values::count)
                .registerConverter(Integer.class, Values::count)
                .registerConverter(double.class, Values::rate)
                .registerConverter(Double.class, Values::rate)
                .registerConverter(Duration.class, Values::duration)
                .registerConverter(Seconds.class, value -> new Seconds(seconds(duration(value))));
    }

    /** A whole number, 1 or more. */
    static int count(String value) {
        return whole(value, 1, Integer.MAX_VALUE, "a whole number, 1 or more");
    }

    /** Seconds of an option whose default is not the same everywhere: help prints it as the option reads it. */
    record Seconds(double value) {
        Duration duration() {
            return Duration.ofNanos((long) (value * 1e9));
        }

        @Override
        public String toString() {
            return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
        }
    }

    /** Messages in flight. */
    static final class Window implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            return whole(value, 1, 65_536, "a whole number from 1 to 65536");
        }
    }

    /** Bytes of a payload, up to the largest message that a server takes. */
    static final class Payload implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            return whole(value, 1, 1_048_576, "a whole number from 1 to 1048576");
        }
    }

    /** Nodes of a cluster. */
    static final class Nodes implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            return whole(value, 2, 16, "a whole number from 2 to 16");
        }
    }

    /** Bytes of a message between nodes. */
    static final class Message implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            return whole(value, 16, 1_048_576, "a whole number from 16 to 1048576");
        }
    }

    private static int whole(String value, int least, int most, String expected) {
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw wrong(value, expected);
        }
        throw wrong(value, expected);
    }

    /** A number, more than 0. */
    static double rate(String value) {
        double rate = number(value);
        if (!(rate > 0) || Double.isInfinite(rate)) {
            throw wrong(value, "a number, more than 0");
        }
        return rate;
    }

    /** Seconds, with decimals if wanted, 0 to a day. */
    static Duration duration(String value) {
        double seconds = number(value);
        if (!(seconds >= 0 && seconds <= DAY)) {
            throw wrong(value, "seconds, 0 to " + DAY);
        }
        return Duration.ofNanos((long) (seconds * 1e9));
    }

    private static double number(String value) {
        try {
            return Double.parseDouble(value);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    private static TypeConversionException wrong(String value, String expected) {
        return new TypeConversionException("'" + value + "' is not " + expected);
    }

    /** Seconds as an option would say them. */
    static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
