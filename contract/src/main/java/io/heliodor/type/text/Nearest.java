package io.heliodor.type.text;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** The known name that a misspelled one was meant to be, for texts of failures. */
public final class Nearest {
    /** A longer word is not compared: it may come from a client, and the comparison takes the product of both lengths. */
    private static final int MAX_LENGTH = 100;

    private Nearest() {}

    /**
     * The known name that differs least from a word: by a third of its letters at most, and by four.
     *
     * @param word the misspelled name
     * @param known the names
     * @return one of the names; empty if none is similar
     */
    public static Optional<String> of(String word, Collection<String> known) {
        record Similar(String name, int edits) {}
        if (word.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        String lower = word.toLowerCase(Locale.ROOT);
        int most = Math.min(4, Math.max(1, word.length() / 3));
        return known.stream()
                .filter(name -> Math.abs(name.length() - word.length()) <= most)
                .map(name -> new Similar(name, edits(lower, name.toLowerCase(Locale.ROOT))))
                .filter(similar -> similar.edits() <= most)
                .min(Comparator.comparingInt(Similar::edits))
                .map(Similar::name);
    }

    /** The edit distance: letters to insert, remove, replace or swap with their neighbour. */
    private static int edits(String from, String to) {
        int[][] edits = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                if (i == 0 || j == 0) {
                    edits[i][j] = i + j;
                    continue;
                }
                int replaced = edits[i - 1][j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                edits[i][j] = Math.min(replaced, Math.min(edits[i - 1][j], edits[i][j - 1]) + 1);
                if (i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1)) {
                    edits[i][j] = Math.min(edits[i][j], edits[i - 2][j - 2] + 1);
                }
            }
        }
        return edits[from.length()][to.length()];
    }
}
