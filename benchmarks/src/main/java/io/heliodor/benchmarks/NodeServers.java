package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Servers on nodes of one cluster on this machine, as those of the playground. */
final class NodeServers implements Server {
    private static final String COOKIE = "a-cookie-for-these-benchmarks";
    private static final Duration FORMED = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofMillis(5);
    private static final Pattern MEMBERS = Pattern.compile("\"members\":\\[([^]]*)]");

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<ServerProcess> nodes = new CopyOnWriteArrayList<>();

    /** One node. */
    private record Options(int number, List<Integer> ports) {
        @Override
        public String toString() {
            String seeds = ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
            return " --node n" + number + "@127.0.0.1:" + ports.get(number) + " --cookie " + COOKIE + " --seeds "
                    + seeds;
        }
    }

    private NodeServers() {}

    /** Starts the nodes together, and waits until all are connected. */
    static NodeServers start(String command, int count) throws IOException, RunFailed, InterruptedException {
        List<Integer> ports = freePorts(count);
        NodeServers all = new NodeServers();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            // Each is kept as soon as it runs: it is ended also if another one does not start.
            List<Future<Boolean>> starting = IntStream.range(0, count)
                    .mapToObj(i ->
                            threads.submit(() -> all.nodes.add(ServerProcess.start(command + new Options(i, ports)))))
                    .toList();
            for (Future<Boolean> each : starting) {
                boolean _ = each.get();
            }
            all.awaitMembers(all.nodes, FORMED);
            return all;
        } catch (ExecutionException e) {
            all.close();
            throw new RunFailed("a node did not start: " + e.getCause());
        } catch (RunFailed | IOException | InterruptedException e) {
            all.close();
            throw e;
        }
    }

    /** Ports of the loopback address that are free now. */
    static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> open = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                open.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return open.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket each : open) {
                each.close();
            }
        }
    }

    /** Waits until each of some nodes sees these alone. */
    private void awaitMembers(List<ServerProcess> these, Duration within)
            throws IOException, RunFailed, InterruptedException {
        long end = System.nanoTime() + within.toNanos();
        for (ServerProcess each : these) {
            while (members(each) != these.size()) {
                if (System.nanoTime() > end) {
                    throw new RunFailed("a node does not see " + these.size() + " members within " + within);
                }
                Thread.sleep(PAUSE);
            }
        }
    }

    private int members(ServerProcess node) throws IOException, InterruptedException {
        Target target = node.targets().getFirst();
        URI health = URI.create("http://" + target.host() + ":" + target.port() + "/health");
        var found = MEMBERS.matcher(
                http.send(HttpRequest.newBuilder(health).build(), HttpResponse.BodyHandlers.ofString(UTF_8))
                        .body());
        return found.find() ? found.group(1).split(",", -1).length : 0;
    }

    /** Kills the last one; how long until all others know. */
    Duration untilDeathIsKnown() throws IOException, RunFailed, InterruptedException {
        long from = System.nanoTime();
        nodes.removeLast().kill();
        awaitMembers(nodes, FORMED);
        return Duration.ofNanos(System.nanoTime() - from);
    }

    @Override
    public List<Target> targets() {
        return nodes.stream().flatMap(node -> node.targets().stream()).toList();
    }

    @Override
    public List<Long> pids() {
        return nodes.stream().flatMap(node -> node.pids().stream()).toList();
    }

    @Override
    public void close() {
        http.close();
        nodes.forEach(ServerProcess::close);
    }
}
