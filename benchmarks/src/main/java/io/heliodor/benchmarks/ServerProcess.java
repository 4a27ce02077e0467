package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * A server started for a run and stopped after it.
 *
 * <p>The command line is the shell's. {@code --port 0} is appended, and the server prints {@code listening on
 * http://HOST:PORT}. A command line that contains {@code {port}} gets a free port in its place instead and need not say
 * anything: it listens when it accepts a connection.
 *
 * @param atExit ends the process when this JVM ends
 * @param preface the first lines that it printed before the line with its address
 */
record ServerProcess(Process process, Thread atExit, Target target, List<String> preface) implements Server {
    private static final String PORT = "{port}";
    private static final String LISTENING = "listening on ";
    private static final int START_SECONDS = 60;
    private static final int STOP_SECONDS = 15;
    private static final int MAX_PREFACE = 100;

    /** Starts the server and waits until it listens; its standard error goes to ours. */
    static ServerProcess start(String command) throws RunFailed, IOException, InterruptedException {
        boolean givenPort = command.contains(PORT);
        int port = givenPort ? NodeServers.freePorts(1).getFirst() : 0;
        String line = givenPort ? command.replace(PORT, Integer.toString(port)) : command + " --port 0";
        Process process = new ProcessBuilder("sh", "-c", "exec " + line)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Thread atExit = new Thread(process::destroy);
        Runtime.getRuntime().addShutdownHook(atExit);
        CompletableFuture<String> printedUrl = new CompletableFuture<>();
        List<String> preface = new CopyOnWriteArrayList<>();
        Thread.ofVirtual().start(() -> listen(process, preface, printedUrl));
        try {
            String url = givenPort ? awaitAccept(port, process, command) : await(printedUrl, process, command);
            return new ServerProcess(process, atExit, Target.of(url), preface);
        } catch (RunFailed | InterruptedException | RuntimeException e) {
            stop(process, atExit);
            throw e;
        }
    }

    /** Reads what the server prints to its end, so that it never waits for us. */
    private static void listen(Process process, List<String> preface, CompletableFuture<String> printedUrl) {
        try (BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            String line;
            while ((line = out.readLine()) != null) {
                if (line.startsWith(LISTENING)) {
                    printedUrl.complete(line.substring(LISTENING.length()).strip());
                } else if (!printedUrl.isDone() && preface.size() < MAX_PREFACE) {
                    preface.add(line);
                }
            }
        } catch (IOException e) {
            printedUrl.completeExceptionally(e);
        }
        printedUrl.completeExceptionally(new IOException("it ended"));
    }

    private static String await(CompletableFuture<String> printedUrl, Process process, String command)
            throws RunFailed, InterruptedException {
        try {
            return printedUrl.get(START_SECONDS, SECONDS);
        } catch (TimeoutException e) {
            throw notListening(command, "it did not print '" + LISTENING + "URL' within " + START_SECONDS + " s");
        } catch (ExecutionException e) {
            boolean ended = process.waitFor(1, SECONDS);
            throw notListening(command, ended ? "it ended with status " + process.exitValue() : "it closed its output");
        }
    }

    private static String awaitAccept(int port, Process process, String command)
            throws RunFailed, InterruptedException {
        long deadline = System.nanoTime() + SECONDS.toNanos(START_SECONDS);
        while (System.nanoTime() < deadline) {
            try (Socket probe = new Socket()) {
                probe.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return "http://127.0.0.1:" + port;
            } catch (IOException e) {
                if (process.waitFor(20, MILLISECONDS)) {
                    throw notListening(command, "it ended with status " + process.exitValue());
                }
            }
        }
        throw notListening(command, "nothing listened on port " + port + " within " + START_SECONDS + " s");
    }

    private static RunFailed notListening(String command, String why) {
        return new RunFailed("the server '" + command + "' did not start: " + why);
    }

    @Override
    public List<Target> targets() {
        return List.of(target);
    }

    @Override
    public List<Long> pids() {
        return List.of(process.pid());
    }

    /** Ends it as a machine that fails does. */
    void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() {
        stop(process, atExit);
    }

    private static void stop(Process process, Thread atExit) {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, SECONDS)) {
                System.err.println("the server did not end within " + STOP_SECONDS + " s after SIGTERM: killed");
                process.destroyForcibly();
            }
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
