package io.heliodor.playground.top;

import java.util.Locale;

/** Numbers as texts for a terminal. */
final class Figures {
    private Figures() {}

    static String row(String name, String first, String... more) {
        StringBuilder row = new StringBuilder(String.format(Locale.ROOT, "%-14s%12s", name, first));
        for (String each : more) {
            row.append(String.format(Locale.ROOT, "   %-18s", each));
        }
        return row.toString().stripTrailing();
    }

    static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value).replace(',', ' ');
    }

    static String number(double value) {
        return value == Math.rint(value) || value >= 100
                ? number(Math.round(value))
                : String.format(Locale.ROOT, "%.1f", value);
    }

    static String bytes(long value) {
        return bytes((double) value);
    }

    static String bytes(double value) {
        if (value < 1024) {
            return number(Math.rint(value)) + " B";
        }
        String[] units = {"KiB", "MiB", "GiB", "TiB"};
        double scaled = value / 1024;
        int unit = 0;
        while (scaled >= 1024 && unit < units.length - 1) {
            scaled /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", scaled, units[unit]);
    }

    static String time(double seconds) {
        long whole = (long) seconds;
        if (whole < 60) {
            return whole + " s";
        }
        return whole < 3_600
                ? whole / 60 + " min " + whole % 60 + " s"
                : whole / 3_600 + " h " + whole / 60 % 60 + " min";
    }
}
