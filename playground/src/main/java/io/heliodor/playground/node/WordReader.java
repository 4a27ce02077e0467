package io.heliodor.playground.node;

import java.util.Optional;

/** A reader of the words of a line. */
final class WordReader {
    private final String line;
    private int at;

    WordReader(String line) {
        this.line = line;
    }

    /** The next word, between blanks. */
    Optional<String> word() {
        int from = skip(at, true);
        at = skip(from, false);
        return from == at ? Optional.empty() : Optional.of(line.substring(from, at));
    }

    /** The rest after the blank that ends the last word; it may begin with further blanks. */
    String rest() {
        int from = Math.min(at + 1, line.length());
        at = line.length();
        return line.substring(from);
    }

    /** Whether only blanks are left. */
    boolean end() {
        return skip(at, true) == line.length();
    }

    private int skip(int from, boolean blanks) {
        int to = from;
        while (to < line.length() && blank(line.charAt(to)) == blanks) {
            to++;
        }
        return to;
    }

    static boolean blank(char c) {
        return c == ' ' || c == '\t';
    }
}
