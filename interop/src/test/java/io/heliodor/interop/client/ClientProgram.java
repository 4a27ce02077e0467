package io.heliodor.interop.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.heliodor.client.Client;
import io.heliodor.event.Event;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.ObjectMapper;

/** The programs of Java clients, compiled for Java 17 with the libraries that a user gets, and run by a JDK. */
final class ClientProgram {
    private static final Path SOURCES = Path.of("src/test/java/io/heliodor/interop/client/program");
    private static final Path CLASSES = Path.of("target/java17").toAbsolutePath();
    private static final int KEPT_LINES = 40;

    private ClientProgram() {}

    /** The compiler's messages; empty if all programs compile. */
    static String compile() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        Files.createDirectories(CLASSES);
        List<Path> sources;
        try (Stream<Path> files = Files.list(SOURCES)) {
            sources = files.toList();
        }
        List<String> messages = new ArrayList<>();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, UTF_8)) {
            boolean compiles = compiler.getTask(
                            null,
                            files,
                            message -> messages.add(message.toString()),
                            List.of("--release", "17", "-d", CLASSES.toString(), "-cp", libraries(), "-proc:none"),
                            null,
                            files.getJavaFileObjectsFromPaths(sources))
                    .call();
            return compiles ? "" : String.join("\n", messages);
        }
    }

    /** What {@code heliodor-client} brings. */
    private static String libraries() {
        return Stream.of(Client.class, Event.class, ObjectMapper.class, JsonParser.class, JsonProperty.class)
                .map(ClientProgram::place)
                .collect(joining(File.pathSeparator));
    }

    private static String place(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Runs one until it ends.
     *
     * @param jdk the folder of the JDK
     * @param options those of the JVM
     * @param type the program
     * @param onLine gets each line that it prints
     * @param arguments those of the program
     * @return its last lines
     */
    static List<String> run(Path jdk, List<String> options, Class<?> type, Consumer<String> onLine, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(jdk.resolve("bin/java").toString()));
        command.addAll(options);
        command.addAll(List.of("-cp", CLASSES + File.pathSeparator + libraries(), type.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines = new ArrayList<>();
        try (BufferedReader output = process.inputReader(UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                onLine.accept(line);
                lines.add(line);
                if (lines.size() > KEPT_LINES) {
                    lines.remove(0);
                }
            }
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError("the program has closed its output, and does not end");
            }
        } finally {
            process.destroyForcibly();
        }
        return lines;
    }
}
