package io.heliodor.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.event.Raw;
import io.heliodor.inspect.Inspectable;
import io.heliodor.inspect.ServedSocket;
import io.heliodor.pubsub.PubSub;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * The sockets that clients connect to at the endpoint of the page, without that of the page itself. Reads their definitions at each call.
 * Any thread but an event loop may use it.
 */
final class PageSockets {
    static final int MAX_SOCKETS = 20;

    /** The size of the contracts of one reply. */
    static final int MAX_CONTRACT_BYTES = 1 << 20;

    private static final JsonMapper JSON = new JsonMapper();

    private final PubSub pubsub;
    private final String page;

    /**
     * The sockets of the endpoints that have the page's socket.
     *
     * @param pubsub the pub/sub of the endpoints
     * @param page the path of the page's socket
     */
    PageSockets(PubSub pubsub, String page) {
        this.pubsub = pubsub;
        this.page = page;
    }

    Sockets read() {
        Collection<ServedSocket> served = served();
        List<SocketRow> rows = new ArrayList<>();
        int bytes = 0;
        for (ServedSocket socket : served) {
            if (rows.size() < MAX_SOCKETS) {
                SocketRow row = row(socket, MAX_CONTRACT_BYTES - bytes);
                bytes += row.contract().map(Raw::length).orElse(0);
                rows.add(row);
            }
        }
        return new Sockets(rows, served.size() > rows.size());
    }

    /** Whether there is a socket at a path that the page can connect to. */
    boolean reaches(String path) {
        return served().stream().anyMatch(each -> each.path().equals(path) && each.withManagement());
    }

    /** In the order in which they were mounted, one for each path. */
    private Collection<ServedSocket> served() {
        Map<String, ServedSocket> served = new LinkedHashMap<>();
        for (Inspectable endpoint : Inspectable.over(pubsub)) {
            List<ServedSocket> sockets = endpoint.sockets();
            if (sockets.stream().anyMatch(each -> each.path().equals(page))) {
                sockets.forEach(each -> served.putIfAbsent(each.path(), each));
            }
        }
        served.remove(page);
        return served.values();
    }

    private static SocketRow row(ServedSocket socket, int maxBytes) {
        String path = ShownText.of(socket.path());
        if (!socket.withManagement()) {
            return new SocketRow(path, false, Optional.empty(), "");
        }
        try {
            Raw contract = Raw.of(
                    JSON.readTree(socket.contract().get().json()).toString().getBytes(UTF_8));
            return contract.length() > maxBytes
                    ? new SocketRow(path, true, Optional.empty(), "it is larger than the page takes")
                    : new SocketRow(path, true, Optional.of(contract), "");
        } catch (IllegalArgumentException e) {
            return new SocketRow(path, true, Optional.empty(), ShownText.of(String.valueOf(e.getMessage())));
        }
    }
}
