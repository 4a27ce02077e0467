package io.heliodor.node;

import java.util.List;

/** Finds nodes of the cluster. Asked again at each attempt, so that it may answer by DNS or by an orchestrator. */
@FunctionalInterface
public interface Discovery {
    /**
     * Where nodes may be. Those that are down do no harm.
     *
     * <p><b>Threads:</b> one of the node's own. <b>Blocking:</b> for up to a second or two.
     *
     * @return addresses, {@code host:port}
     */
    List<String> addresses();
}
