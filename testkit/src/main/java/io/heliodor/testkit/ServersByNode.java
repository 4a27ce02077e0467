package io.heliodor.testkit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The servers on the nodes of a cluster. Any thread may use it. */
final class ServersByNode {
    /** By node, with the task of each server for the end of its node. */
    @GuardedBy("this")
    private final Map<String, Map<KitServer, Runnable>> servers = new HashMap<>();

    /** Adds a server; {@code killed} runs when its node is killed. */
    synchronized void add(String node, KitServer server, Runnable killed) {
        servers.computeIfAbsent(node, _ -> new LinkedHashMap<>()).put(server, killed);
    }

    synchronized void remove(String node, KitServer server) {
        servers.getOrDefault(node, new HashMap<>()).remove(server);
    }

    /** Removes the servers of a node that was killed, and notifies them. */
    void kill(String node) {
        Map<KitServer, Runnable> removed;
        synchronized (this) {
            removed = servers.remove(node);
        }
        if (removed != null) {
            removed.values().forEach(Runnable::run);
        }
    }

    synchronized List<KitServer> all() {
        return servers.values().stream().flatMap(each -> each.keySet().stream()).toList();
    }
}
