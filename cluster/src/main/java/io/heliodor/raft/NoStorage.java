package io.heliodor.raft;

import java.util.List;

/**
 * The storage of a member that does not vote: it keeps nothing.
 *
 * @param content what the member knows already
 */
public record NoStorage(Content content) implements Storage {
    @Override
    public String directory() {
        return "";
    }

    @Override
    public Condition condition() {
        return Condition.WHOLE;
    }

    @Override
    public void condition(Condition next) {}

    @Override
    public void save(Ballot ballot) {}

    @Override
    public void append(List<RaftEntry> entries) {}

    @Override
    public void save(Snapshot snapshot, List<RaftEntry> kept) {}

    @Override
    public void close() {}
}
