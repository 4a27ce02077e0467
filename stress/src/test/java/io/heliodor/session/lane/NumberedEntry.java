package io.heliodor.session.lane;

import java.util.ArrayList;
import java.util.List;

/** An entry with a number, which records that it was performed. */
final class NumberedEntry extends LaneEntry {
    private final int number;
    private final int bytes;
    private final List<Integer> performed;

    NumberedEntry(int number) {
        this(number, OVERHEAD, new ArrayList<>());
    }

    NumberedEntry(int number, int bytes, List<Integer> performed) {
        this.number = number;
        this.bytes = bytes;
        this.performed = performed;
    }

    int number() {
        return number;
    }

    @Override
    public long expectedCost() {
        return bytes;
    }

    @Override
    public void perform() {
        performed.add(number);
    }
}
