package io.heliodor.dashboard;

import io.heliodor.event.Raw;
import java.util.Optional;

/**
 * A socket of the page's endpoint.
 *
 * @param path its path
 * @param reachable whether it has the address of the page, whose browser connects to no other
 * @param contract its contract as JSON, if there is one
 * @param problem the reason why there is none; empty with a contract
 */
record SocketRow(String path, boolean reachable, Optional<Raw> contract, String problem) {}
