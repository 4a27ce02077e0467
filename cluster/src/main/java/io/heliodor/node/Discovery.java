package io.heliodor.node;

import java.util.List;

/** Finds nodes of the cluster. Called at each attempt, so that it may use DNS or an orchestrator. */
@FunctionalInterface
public interface Discovery {
    /**
     * The addresses of nodes. Nodes that are down do no harm.
     *
     * <p><b>Threads:</b> one of the node's own. <b>Blocking:</b> for up to a second or two.
     *
     * @return addresses, {@code host:port}
     */
    List<String> addresses();
}
