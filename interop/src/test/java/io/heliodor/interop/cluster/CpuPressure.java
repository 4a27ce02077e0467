package io.heliodor.interop.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * For how long tasks of this machine have waited for a processor: a guarantee in seconds is one of a machine that is not overloaded, so a
 * test adds this to it. Pressure stall information of the Linux kernel; zero where there is none.
 *
 * @param begin the total at the begin, in microseconds
 */
record CpuPressure(long begin) {
    private static final Path FILE = Path.of("/proc/pressure/cpu");
    private static final Pattern TOTAL = Pattern.compile("some .*total=(\\d+)");

    static CpuPressure now() {
        return new CpuPressure(total());
    }

    /** For how long some task has waited since then. */
    Duration since() {
        return Duration.of(total() - begin, ChronoUnit.MICROS);
    }

    private static long total() {
        if (!Files.isReadable(FILE)) {
            return 0;
        }
        try {
            Matcher total = TOTAL.matcher(Files.readString(FILE));
            return total.find() ? Long.parseLong(total.group(1)) : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
