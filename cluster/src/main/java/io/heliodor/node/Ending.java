package io.heliodor.node;

import java.util.List;
import java.util.Objects;

/** How a node ended. */
public sealed interface Ending {
    /** It was closed. */
    record Closed() implements Ending {}

    /**
     * A cluster that had been apart came together, with two living nodes of this name. The one that stood before in the
     * view stays; this one has closed itself.
     *
     * @param name the name
     */
    record NameTaken(String name) implements Ending {
        /** Checks that no value is null. */
        public NameTaken {
            Objects.requireNonNull(name, "name");
        }
    }

    /**
     * This node cannot follow the log of the voters: it has a command of a newer version, or this node has another log. So
     * its copy of the names and elections is lost, and the node has closed itself.
     *
     * @param why the reason
     */
    record CopyLost(String why) implements Ending {
        /** Checks that no value is null. */
        public CopyLost {
            Objects.requireNonNull(why, "why");
        }
    }

    /**
     * This node was in a minority, and is {@linkplain Node.Builder#minority set} to close in one.
     *
     * @param members the nodes of its last view, sorted
     */
    record InMinority(List<String> members) implements Ending {
        /** Checks that no value is null. */
        public InMinority {
            Objects.requireNonNull(members, "members");
        }
    }
}
