package io.heliodor.playground;

import io.heliodor.playground.node.CookieCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** {@code demo --nodes}: a process for each node. A process that was killed starts again. */
final class DemoCluster {
    private static final String HOST = "127.0.0.1";
    private static final Duration PAUSE = Duration.ofSeconds(10);
    private static final Duration END = Duration.ofSeconds(10);

    private final List<String> options;

    /** For the addresses, one line for each node. */
    private final PrintWriter out;

    /** For people. */
    private final PrintWriter err;

    private final String cookie = CookieCommand.fresh();

    /** The folder of the documents, for all nodes; empty if the options name one. */
    private final Optional<Path> documents;

    private final List<Member> members = new ArrayList<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile int status;

    /** The running processes. */
    private final ConcurrentHashMap<Member, Process> processes = new ConcurrentHashMap<>();

    /** A node, and the line that its first process prints when it listens. */
    private record Member(String name, int port, int nodePort, CompletableFuture<String> listening) {
        String node() {
            return name + "@" + HOST;
        }
    }

    DemoCluster(int count, int port, List<String> options, PrintWriter out, PrintWriter err) throws IOException {
        this.options = options;
        this.documents = options.contains("--documents")
                ? Optional.empty()
                : Optional.of(Files.createTempDirectory("heliodor-documents-"));
        this.out = out;
        this.err = err;
        List<Integer> free = freePorts(2 * count);
        for (int i = 0; i < count; i++) {
            members.add(new Member(
                    String.valueOf((char) ('a' + i)),
                    port == 0 ? free.get(i) : port + i,
                    free.get(count + i),
                    new CompletableFuture<>()));
        }
    }

    /** Ports that are free now. */
    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    /** Starts the processes. They end with this one. */
    void start() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop"));
        for (Member member : members) {
            Thread.ofPlatform().name("node " + member.name()).start(() -> keepRunning(member));
        }
        Thread.ofVirtual().start(this::introduce);
    }

    private void keepRunning(Member member) {
        try {
            do {
                Process process = launch(member);
                processes.put(member, process);
                awaitEnd(process, member);
                int ended = process.waitFor();
                processes.remove(member);
                if (!member.listening().isDone()) {
                    // The reason is on its standard error.
                    fail(ended);
                    return;
                }
                print("%s has ended with status %d. It starts again in %d s."
                        .formatted(member.node(), ended, PAUSE.toSeconds()));
            } while (!stopping.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (IOException e) {
            print("%s cannot start: %s".formatted(member.node(), e.getMessage()));
            fail(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Process launch(Member member) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Playground.class.getName(), "demo"));
        command.addAll(options);
        command.addAll(List.of("--of-cluster", "--port", "" + member.port()));
        documents.ifPresent(folder -> command.addAll(List.of("--documents", folder.toString())));
        command.addAll(List.of("--node", member.node() + ":" + member.nodePort()));
        command.addAll(List.of(
                "--seeds",
                members.stream().map(each -> HOST + ":" + each.nodePort()).collect(Collectors.joining(","))));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("HELIODOR_COOKIE", cookie);
        builder.environment().remove(StartCache.VARIABLE); // one line for all
        return builder.start();
    }

    /** Reads the lines of a process until its end. */
    private void awaitEnd(Process process, Member member) throws IOException {
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!member.listening().complete(line)) {
                    print(member.node() + " is " + line);
                }
            }
        }
    }

    private void introduce() {
        StringBuilder text = new StringBuilder();
        StartCache.line().ifPresent(line -> text.append(line).append(System.lineSeparator()));
        text.append(System.lineSeparator());
        for (Member member : members) {
            String line = member.listening().join();
            out.println(line);
            out.flush();
            Process process = processes.get(member);
            text.append("  %-12s %s   kill -9 %s%n"
                    .formatted(
                            member.node(),
                            line.substring(line.lastIndexOf(' ') + 1),
                            process == null ? "?" : "" + process.pid()));
        }
        text.append(System.lineSeparator())
                .append("Open the pages, write, and end a node by its command: it starts again after %d s."
                        .formatted(PAUSE.toSeconds()));
        print(text.toString());
    }

    private synchronized void print(String text) {
        if (stopping.getCount() > 0) {
            err.println(text);
            err.flush();
        }
    }

    private void fail(int with) {
        if (stopping.getCount() > 0) {
            status = with == 0 ? 1 : with;
            Thread.ofPlatform().start(() -> System.exit(status));
        }
    }

    private void stop() {
        stopping.countDown();
        processes.values().forEach(Process::destroy);
        for (Process process : processes.values()) {
            try {
                if (!process.waitFor(END.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        documents.ifPresent(FolderStore::delete);
        Runtime.getRuntime().halt(status);
    }

    /** Ends this process of a cluster when its parent process ends, even if that is killed. */
    static void endWithParent() {
        Thread.ofPlatform().daemon().name("parent").start(() -> {
            try (InputStream in = System.in) {
                while (in.read() >= 0) {
                    // There is no input until the end.
                }
            } catch (IOException e) {
                // The end as well.
            }
            System.exit(0);
        });
    }
}
