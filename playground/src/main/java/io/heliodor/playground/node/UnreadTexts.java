package io.heliodor.playground.node;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The texts that the processes of an inbox received and no command has read. Thread-safe. */
final class UnreadTexts {
    /** The maximum of texts; further ones are dropped and counted. */
    static final int MAX_TEXTS = 1_000_000;

    static final int MAX_CHARACTERS = 64 << 20;

    private final String node;

    @GuardedBy("this")
    private final Deque<String> texts = new ArrayDeque<>();

    @GuardedBy("this")
    private long characters;

    @GuardedBy("this")
    private long dropped;

    UnreadTexts(String node) {
        this.node = node;
    }

    synchronized void keep(String text) {
        if (texts.size() == MAX_TEXTS || characters + text.length() > MAX_CHARACTERS) {
            dropped++;
            return;
        }
        characters += text.length();
        texts.add(text);
    }

    /** The reply to a call, which is not kept. */
    String answer(String text) {
        return node + ":" + text;
    }

    synchronized List<String> take() {
        List<String> all = new ArrayList<>(texts);
        texts.clear();
        characters = 0;
        return all;
    }

    synchronized long dropped() {
        return dropped;
    }
}
