package io.heliodor.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What {@code package.json} names, for those who run a program on Node. */
public final class NodePackages {
    static final Path MODULE = Path.of("").toAbsolutePath();

    private NodePackages() {}

    /** Fetches them, unless they are there. One test at a time. */
    public static synchronized void install() throws IOException, InterruptedException {
        Path installed = MODULE.resolve("node_modules/.package-lock.json");
        Path wanted = MODULE.resolve("package-lock.json");
        if (Files.exists(installed)
                && Files.getLastModifiedTime(installed).compareTo(Files.getLastModifiedTime(wanted)) >= 0) {
            return;
        }
        int status = run(Map.of(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        if (status != 0) {
            throw new IOException("npm ci ended with " + status);
        }
    }

    /** Runs a command in this module, prints what it prints, and gives its status. */
    static int run(Map<String, String> environment, String... command) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(List.of(command)).directory(MODULE.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        try (BufferedReader output = process.inputReader()) {
            // Not inherited: the build reads the results of this JVM from its standard output.
            output.lines().forEach(System.out::println);
            return process.waitFor();
        } finally {
            process.destroy();
        }
    }
}
