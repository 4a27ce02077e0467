package io.heliodor.dashboard;

import java.util.Optional;

/**
 * The connection of an action; between nodes, too.
 *
 * @param node the name of its node
 * @param connection its correlation id
 * @param id its id, if it has one
 */
record ConnectionTarget(String node, String connection, Optional<String> id) {
    ConnectionTarget {
        Search.check("node", node);
        Search.check("connection", connection);
        id.ifPresent(each -> Search.check("id", each));
    }
}
