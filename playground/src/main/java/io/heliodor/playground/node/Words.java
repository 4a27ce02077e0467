package io.heliodor.playground.node;

import java.util.Optional;

/** Takes a line apart from its beginning. */
final class Words {
    private final String line;
    private int at;

    Words(String line) {
        this.line = line;
    }

    /** The next word: what stands between blanks. */
    Optional<String> word() {
        int from = skip(at, true);
        at = skip(from, false);
        return from == at ? Optional.empty() : Optional.of(line.substring(from, at));
    }

    /** What is left behind the one blank that ends the last word; it may begin with blanks of its own. */
    String rest() {
        int from = Math.min(at + 1, line.length());
        at = line.length();
        return line.substring(from);
    }

    /** Whether nothing but blanks is left. */
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
