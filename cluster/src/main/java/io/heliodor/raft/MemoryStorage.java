package io.heliodor.raft;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A storage in memory, for tests. One thread at a time. */
public class MemoryStorage implements Storage {
    private final String directory;
    private volatile Content content;

    /**
     * A storage that is empty.
     *
     * @param directory its id
     */
    public MemoryStorage(String directory) {
        this(directory, Content.NONE);
    }

    private MemoryStorage(String directory, Content content) {
        this.directory = directory;
        this.content = content;
    }

    /**
     * The same storage for the next incarnation of its node. Later writes of the former one are lost, as if the node had
     * crashed before.
     *
     * @return with the same id and content
     */
    public MemoryStorage reopened() {
        return new MemoryStorage(directory, content);
    }

    @Override
    public Content content() {
        return content;
    }

    @Override
    public String directory() {
        return directory;
    }

    @Override
    public Condition condition() {
        return Condition.WHOLE;
    }

    @Override
    public void condition(Condition next) {}

    /**
     * All writes come here.
     *
     * @param next the content after the write
     */
    protected void write(Content next) {
        content = next;
    }

    @Override
    public void save(Ballot ballot) {
        write(new Content(ballot, content.snapshot(), content.entries()));
    }

    @Override
    public void append(List<RaftEntry> entries) {
        List<RaftEntry> all = new ArrayList<>(content.entries());
        all.removeIf(entry -> entry.index() >= entries.getFirst().index());
        all.addAll(entries);
        write(new Content(content.ballot(), content.snapshot(), List.copyOf(all)));
    }

    @Override
    public void save(Snapshot snapshot, List<RaftEntry> kept) {
        write(new Content(content.ballot(), Optional.of(snapshot), content.entries()));
        write(new Content(content.ballot(), content.snapshot(), List.copyOf(kept)));
    }

    @Override
    public void close() {}
}
