package io.heliodor.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The playground server that the launcher starts, in a process of its own on a free port, so that it can be killed. */
public final class ServerProcess {
    private static final Pattern LISTENING = Pattern.compile("listening on http://([\\d.]+):(\\d+)");
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    private final List<String> prefix;
    private final List<String> options;
    private Process process;
    private String host = "";
    private int port;

    ServerProcess() throws Exception {
        this(List.of());
    }

    /**
     * Starts one.
     *
     * @param prefix a command that runs another one, as {@code ip netns exec} does
     * @param options of {@code serve}
     */
    public ServerProcess(List<String> prefix, String... options) throws Exception {
        this.prefix = prefix;
        this.options = List.of(options);
        process = start(0);
        listening();
    }

    /** What the launcher has to know: the build that runs the tests has just built the servers. */
    static void environment(Map<String, String> environment) {
        environment.put("HELIODOR_BUILD", "no");
        environment.put("HELIODOR_JAVA", System.getProperty("java.home"));
    }

    private Process start(int port) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                ROOT.resolve("heliodor").toString(), "serve", "--port", Integer.toString(port), "--log-level", "off"));
        command.addAll(options);
        ProcessBuilder builder = new ProcessBuilder(command);
        environment(builder.environment());
        return builder.redirectErrorStream(true).start();
    }

    private void listening() throws Exception {
        BufferedReader output = process.inputReader();
        CompletableFuture<Matcher> listening = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            StringBuilder said = new StringBuilder();
            output.lines().forEach(line -> {
                said.append(line).append('\n');
                Matcher matcher = LISTENING.matcher(line);
                if (matcher.matches()) {
                    listening.complete(matcher);
                }
            });
            listening.completeExceptionally(new IOException("the server ended:\n" + said));
        });
        Matcher where = listening.get(60, TimeUnit.SECONDS);
        host = where.group(1);
        port = Integer.parseInt(where.group(2));
    }

    /** The URL for clients, which append the name of the transport. */
    public String socket() {
        return "ws://" + host + ":" + port + "/socket";
    }

    public int port() {
        return port;
    }

    /** What it says of itself. */
    public String health() throws IOException {
        return new String(
                URI.create("http://" + host + ":" + port + "/health")
                        .toURL()
                        .openStream()
                        .readAllBytes(),
                UTF_8);
    }

    /** What it needs at this moment, after a collection of its heap. */
    Footprint footprint() throws IOException, InterruptedException {
        jcmd("GC.run");
        Matcher used = Pattern.compile("used (\\d+)K").matcher(jcmd("GC.heap_info"));
        long heap = 0;
        while (used.find()) {
            if (!used.group().isEmpty()) {
                heap += Long.parseLong(used.group(1));
            }
        }
        Path process = Path.of("/proc", Long.toString(this.process.pid()));
        try (Stream<Path> descriptors = Files.list(process.resolve("fd"));
                Stream<Path> threads = Files.list(process.resolve("task"))) {
            return new Footprint(heap, (int) threads.count(), (int) descriptors.count());
        }
    }

    /** Kilobytes of heap (and of what belongs to classes), platform threads, file descriptors. */
    record Footprint(long heapKilobytes, int threads, int descriptors) {}

    private String jcmd(String command) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/jcmd", Long.toString(process.pid()), command)
                .redirectErrorStream(true)
                .start();
        String output = new String(jcmd.getInputStream().readAllBytes(), UTF_8);
        jcmd.waitFor();
        return output;
    }

    /** Asks it to end; its exit status. */
    public int terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError("the server has not ended");
        }
        return process.exitValue();
    }

    /** Ends it without a word to anybody. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Starts it again where it was. */
    void restart() throws Exception {
        process = start(port);
        listening();
    }
}
