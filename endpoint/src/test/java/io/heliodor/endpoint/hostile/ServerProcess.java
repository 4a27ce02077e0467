package io.heliodor.endpoint.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.endpoint.Instances;
import io.heliodor.endpoint.Live;
import io.heliodor.endpoint.RawClient;
import io.heliodor.endpoint.Transport;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Limits;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A server in a process of its own, with the rooms of {@link Live}, so that something can be done to the process. */
final class ServerProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter requests;
    private final int port;

    /**
     * Starts one.
     *
     * @param errors where its log goes
     * @param environment further variables of its environment
     * @param options of the JVM
     */
    ServerProcess(File errors, Map<String, String> environment, String... options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-Dheliodor.log=err",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "-Dio.netty.tryReflectionSetAccessible=true"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ServerProcess.class.getName()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors);
        builder.environment().putAll(environment);
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        answers = process.inputReader();
        requests = process.outputWriter();
        port = Integer.parseInt(answer());
    }

    /** Prints a value for each line of the input, and ends with the input. */
    public static void main(String[] args) throws IOException {
        Limits limits = Limits.openInternet()
                .sessions(s -> s.idleTimeout(Duration.ofSeconds(Long.getLong("heliodor.idle", 60))));
        try (Live live = Live.start(Transport.NIO, builder -> builder.limits(limits))) {
            System.out.println(live.endpoint.port());
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                System.out.println(
                        switch (line) {
                            case "clock" -> System.currentTimeMillis();
                            case "log" -> System.err.checkError() ? "fails" : "works";
                            case "heap" -> heap();
                            case "instances" -> Instances.now();
                            default -> live.count(line);
                        });
            }
        }
    }

    private static long heap() {
        RecordedLog.clear(); // it grows with each connection
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    /** Returns the value of {@code clock}, {@code log}, {@code heap}, {@code instances}, or a counter. */
    String query(String name) {
        try {
            requests.write(name);
            requests.newLine();
            requests.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return answer();
    }

    private String answer() {
        try {
            String line = answers.readLine();
            assertThat(line).as("an answer of the server").isNotNull();
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return port;
    }

    RawClient connect() {
        return RawClient.connect(port, 0);
    }

    /** Stops all of its threads where they are. */
    void pause() {
        signal("STOP");
        Live.eventually().until(() -> state().equals("T"));
    }

    void goOn() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            int status = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            assertThat(status).as("kill -" + name).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private String state() throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
        return stat.substring(stat.lastIndexOf(')') + 2).substring(0, 1);
    }

    @Override
    public void close() throws IOException {
        requests.close();
        try {
            assertThat(process.waitFor(30, TimeUnit.SECONDS))
                    .as("the server has ended")
                    .isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            process.destroyForcibly();
        }
    }
}
