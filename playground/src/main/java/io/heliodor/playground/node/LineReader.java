package io.heliodor.playground.node;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** A reader of lines up to a maximum length. */
final class LineReader {
    /** The maximum in characters, more than a message between nodes. */
    static final int MAX_CHARACTERS = 16 << 20;

    private final BufferedReader reader;
    private final int maxCharacters;

    LineReader(InputStream in, int maxCharacters) {
        this.reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8), 1 << 16);
        this.maxCharacters = maxCharacters;
    }

    /** The result of a read. */
    sealed interface Read {
        record Line(String text) implements Read {}

        /** The line was too long and is skipped. */
        record TooLong() implements Read {}

        record End() implements Read {}
    }

    /** Waits for the next line; the last one needs no line end. */
    Read next() throws IOException {
        StringBuilder line = new StringBuilder();
        boolean tooLong = false;
        int c = reader.read();
        if (c < 0) {
            return new Read.End();
        }
        while (c >= 0 && c != '\n') {
            if (line.length() < maxCharacters) {
                line.append((char) c);
            } else {
                tooLong = true;
            }
            c = reader.read();
        }
        if (tooLong) {
            return new Read.TooLong();
        }
        int length = line.length();
        if (length > 0 && line.charAt(length - 1) == '\r') {
            line.setLength(length - 1);
        }
        return new Read.Line(line.toString());
    }
}
