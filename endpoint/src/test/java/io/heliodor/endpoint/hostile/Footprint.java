package io.heliodor.endpoint.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.endpoint.Live;
import io.heliodor.endpoint.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The threads and descriptors of this process while a server runs and one client is joined.
 *
 * @param threads the number of threads of each name, except those of the JVM and of the tests
 * @param descriptors the number of file descriptors of each kind, except files
 */
record Footprint(Map<String, Long> threads, Map<String, Long> descriptors) {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    /** Carriers of virtual threads, and the threads that unpark them, start on demand, up to a limit of their own. */
    private static final String OF_THE_JVM =
            "(awaitility|ForkJoinPool|VirtualThread|Read-Poller|Write-Poller|Master-Poller|process reaper|Attach).*";

    static Footprint now() {
        return new Footprint(threadNames(), openDescriptors());
    }

    private static Map<String, Long> threadNames() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> !name.matches(OF_THE_JVM))
                .collect(Collectors.groupingBy(name -> name, TreeMap::new, Collectors.counting()));
    }

    private static Map<String, Long> openDescriptors() {
        if (!Files.isDirectory(DESCRIPTORS)) {
            return Map.of();
        }
        try (Stream<Path> all = Files.list(DESCRIPTORS)) {
            return all.map(Footprint::kind)
                    .filter(kind -> !kind.startsWith("/"))
                    .collect(Collectors.groupingBy(kind -> kind, TreeMap::new, Collectors.counting()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code socket}, {@code anon_inode}, or the path of a file. */
    private static String kind(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().split(":", 2)[0];
        } catch (NoSuchFileException e) {
            return "/ closed meanwhile";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Only the one client is left at the server, and this process holds no more than before. */
    void comesBack(Live live) {
        Live.eventually().untilAsserted(() -> {
            try (RawClient client = RawClient.connect(live.endpoint).send(RawClient.get("/health"))) {
                assertThat(client.response().body()).contains("\"connections\":1,\"channels\":1,\"topics\":1,");
            }
        });
        Live.eventually().untilAsserted(() -> {
            Footprint after = now();
            hasNoMore("threads", threads, after.threads);
            hasNoMore("descriptors", descriptors, after.descriptors);
        });
    }

    private static void hasNoMore(String what, Map<String, Long> before, Map<String, Long> after) {
        after.forEach((kind, count) ->
                assertThat(count).as("%s: %s", what, kind).isLessThanOrEqualTo(before.getOrDefault(kind, 0L)));
    }
}
