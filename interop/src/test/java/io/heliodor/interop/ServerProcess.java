package io.heliodor.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The playground server that the launcher starts, in a process of its own on a free port, so that it can be killed. */
public final class ServerProcess {
    private static final Pattern LISTENING = Pattern.compile("listening on http://([\\d.]+):(\\d+)");
    private static final Pattern TOTAL = Pattern.compile("Total +\\d+ +(\\d+)");
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    private static final int KEPT_LINES = 200;

    private final Deque<String> lastLines = new ArrayDeque<>();
    private final AtomicInteger outOfMemory = new AtomicInteger();
    private final AtomicLong printed = new AtomicLong();
    private final String command;
    private final List<String> prefix;
    private final List<String> options;
    private Process process;
    private volatile String firstOutOfMemory = "";
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
        this("serve", prefix, options);
    }

    private ServerProcess(String command, List<String> prefix, String... options) throws Exception {
        this.command = command;
        this.prefix = prefix;
        this.options = List.of(options);
        process = start(0);
        listening();
    }

    /**
     * Starts one that serves files, too: the page of the demo.
     *
     * @param options of {@code demo}
     */
    public static ServerProcess withPage(String... options) throws Exception {
        return new ServerProcess("demo", List.of(), options);
    }

    /** A token that opens {@code private:*}, by the command of the launcher. */
    public static String token(String user, int seconds) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                ROOT.resolve("heliodor").toString(), "token", "--user", user, "--valid-for", Integer.toString(seconds));
        environment(builder.environment());
        Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String token = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        if (process.waitFor() != 0 || token.isEmpty()) {
            throw new IOException("no token of " + user);
        }
        return token;
    }

    /** Sets the variables of the launcher: the build that runs the tests has just built the servers. */
    static void environment(Map<String, String> environment) {
        environment.put("HELIODOR_BUILD", "no");
        environment.put("HELIODOR_JAVA", System.getProperty("java.home"));
        StartCache.environment(environment);
        // The key of a node needs the best compiler; most servers are not nodes.
        if (!System.getenv().getOrDefault("HELIODOR_JAVA_OPTS", "").isBlank()) {
            environment.put("HELIODOR_JAVA_OPTS", "-XX:TieredStopAtLevel=1");
        }
    }

    private Process start(int port) throws IOException {
        List<String> line = new ArrayList<>(prefix);
        line.addAll(List.of(ROOT.resolve("heliodor").toString(), command, "--port", Integer.toString(port)));
        line.addAll(options);
        if (!options.contains("--log-level")) {
            line.addAll(List.of("--log-level", "off"));
        }
        ProcessBuilder builder = new ProcessBuilder(line);
        environment(builder.environment());
        return builder.redirectErrorStream(true).start();
    }

    private void listening() throws Exception {
        BufferedReader output = process.inputReader();
        CompletableFuture<Matcher> listening = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                output.lines().forEach(line -> {
                    keep(line);
                    Matcher matcher = LISTENING.matcher(line);
                    if (matcher.matches()) {
                        listening.complete(matcher);
                    }
                });
            } catch (UncheckedIOException e) {
                // The process was killed.
            }
            listening.completeExceptionally(new IOException("the server ended:\n" + String.join("\n", output())));
        });
        Matcher where = listening.get(180, TimeUnit.SECONDS);
        host = where.group(1);
        port = Integer.parseInt(where.group(2));
    }

    private void keep(String line) {
        printed.addAndGet(line.length());
        if (line.contains("OutOfMemoryError") && outOfMemory.incrementAndGet() == 1) {
            firstOutOfMemory = line;
        }
        synchronized (lastLines) {
            lastLines.add(line);
            if (lastLines.size() > KEPT_LINES) {
                lastLines.removeFirst();
            }
        }
    }

    /** The last lines that the server has printed. */
    public List<String> output() {
        synchronized (lastLines) {
            return List.copyOf(lastLines);
        }
    }

    /** The characters of all lines that it has printed. */
    public long printed() {
        return printed.get();
    }

    /** The first printed line that names an {@code OutOfMemoryError}; empty if there is none. */
    public String firstOutOfMemoryLine() {
        return firstOutOfMemory;
    }

    /** The number of printed lines that name an {@code OutOfMemoryError}. */
    public int outOfMemoryLines() {
        return outOfMemory.get();
    }

    /** Whether the process runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** The exit status of the process, which has ended. */
    public int exitStatus() {
        return process.exitValue();
    }

    /** Kilobytes of the process in the memory of the machine; 0 when it has ended. */
    public long residentKilobytes() {
        try {
            Matcher resident = Pattern.compile("VmRSS:\\s+(\\d+) kB")
                    .matcher(Files.readString(Path.of("/proc", Long.toString(process.pid()), "status")));
            return resident.find() ? Long.parseLong(resident.group(1)) : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    /** Collects the garbage of the server. */
    public void collectGarbage() throws IOException, InterruptedException {
        jcmd("GC.run");
    }

    /** The bytes of its live objects, after a collection that stops it meanwhile. */
    public long liveBytes() throws IOException, InterruptedException {
        String histogram = jcmd("GC.class_histogram");
        Matcher total = TOTAL.matcher(histogram);
        if (!total.find()) {
            throw new IOException("no histogram of the heap: " + histogram);
        }
        return Long.parseLong(total.group(1));
    }

    /** The URL for clients, which append the name of the transport. */
    public String socket() {
        return "ws://" + host + ":" + port + "/socket";
    }

    public int port() {
        return port;
    }

    /** The health that it reports. */
    public String health() throws IOException {
        return new String(
                URI.create("http://" + host + ":" + port + "/health")
                        .toURL()
                        .openStream()
                        .readAllBytes(),
                UTF_8);
    }

    /** Its footprint at this moment, after a collection of its heap. */
    Footprint footprint() throws IOException, InterruptedException {
        collectGarbage();
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

    /** Sends SIGTERM, and returns the exit status. */
    public int terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError("the server has not ended");
        }
        return process.exitValue();
    }

    /** Kills it with SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Stops all its threads: connections stay, and nothing is read. */
    public void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** Lets its threads go on. */
    public void thaw() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    /** Starts it again on the same port. */
    public void restart() throws Exception {
        process = start(port);
        listening();
    }
}
