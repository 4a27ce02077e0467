package io.heliodor.raft;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A disk in memory. */
final class MemoryStorage implements Storage {
    private Content content = Content.NONE;
    String directory = "of a";
    boolean recovered;

    @Override
    public Content content() {
        return content;
    }

    @Override
    public String directory() {
        return directory;
    }

    @Override
    public boolean recovered() {
        return recovered;
    }

    @Override
    public void save(Ballot ballot) {
        content = new Content(ballot, content.snapshot(), content.entries());
    }

    @Override
    public void append(List<Entry> entries) {
        List<Entry> all = new ArrayList<>(content.entries());
        all.removeIf(entry -> entry.index() >= entries.getFirst().index());
        all.addAll(entries);
        content = new Content(content.ballot(), content.snapshot(), List.copyOf(all));
    }

    @Override
    public void save(Snapshot snapshot, List<Entry> kept) {
        content = new Content(content.ballot(), Optional.of(snapshot), List.copyOf(kept));
    }

    @Override
    public void close() {}
}
