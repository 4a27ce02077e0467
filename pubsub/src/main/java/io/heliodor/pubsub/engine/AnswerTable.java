package io.heliodor.pubsub.engine;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which names of questions are answered on a node, and how often each was. Any thread may use it. */
public final class AnswerTable {
    private final Map<String, Row> rows = new HashMap<>();

    /** Stays when the answering ends, for its number. */
    private record Row(Nodes.@Nullable Answering answering, int generation) {}

    /** An empty table. */
    public AnswerTable() {}

    /**
     * Answers a name.
     *
     * @param name the name
     * @param answering makes the answers
     * @return ends it
     * @throws IllegalStateException if the name is answered already
     */
    public synchronized Nodes.Answers add(String name, Nodes.Answering answering) {
        Row before = rows.get(name);
        if (before != null && before.answering() != null && !before.answering().ended()) {
            throw new IllegalStateException("Questions under \"" + name + "\" are answered already.");
        }
        int generation = before == null ? 0 : before.generation() + 1;
        rows.put(name, new Row(answering, generation));
        return new Nodes.Answers() {
            @Override
            public int generation() {
                return generation;
            }

            @Override
            public void close() {
                end(name, generation);
            }
        };
    }

    private synchronized void end(String name, int generation) {
        rows.computeIfPresent(name, (_, row) -> row.generation() == generation ? new Row(null, generation) : row);
    }

    /**
     * Finds the answering of a name.
     *
     * @param name the name
     * @return the answering; empty if there is none
     */
    public synchronized Optional<Nodes.Answering> find(String name) {
        return Optional.ofNullable(rows.get(name)).flatMap(row -> Optional.ofNullable(row.answering()));
    }
}
