package io.heliodor.interop.attack;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLConnection;
import java.time.Duration;
import java.util.List;

/** The metrics of a server at {@code /metrics}. */
final class ServerNumbers {
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    private final List<String> lines;

    private ServerNumbers(List<String> lines) {
        this.lines = lines;
    }

    static ServerNumbers read(int port) throws IOException {
        URLConnection request =
                URI.create("http://127.0.0.1:" + port + "/metrics").toURL().openConnection();
        request.setConnectTimeout((int) DEADLINE.toMillis());
        request.setReadTimeout((int) DEADLINE.toMillis());
        try (InputStream answer = request.getInputStream()) {
            return new ServerNumbers(
                    new String(answer.readAllBytes(), UTF_8).lines().toList());
        }
    }

    long connections() {
        return sum("heliodor_connections ");
    }

    long channels() {
        return sum("heliodor_channels ");
    }

    long closedSlow() {
        return sum("heliodor_connections_closed_total{reason=\"slow\"");
    }

    long heapBytes() {
        return sum("jvm_memory_used_bytes{area=\"heap\"");
    }

    /** The heap that the server counts for its clients. */
    long countedBytes() {
        return sum("heliodor_memory_used_bytes");
    }

    /** The part of the allocator's memory that buffers use. */
    long bufferBytes() {
        return sum("heliodor_memory_direct_used_bytes");
    }

    long directBytes() {
        return sum("jvm_buffer_memory_used_bytes{id=\"direct\"");
    }

    private long sum(String beginning) {
        return lines.stream()
                .filter(line -> line.startsWith(beginning))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
