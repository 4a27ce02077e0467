package io.heliodor.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The packages of {@code package.json}, for tests that run a program on Node. */
public final class NodePackages {
    static final Path MODULE = Path.of("").toAbsolutePath();

    private NodePackages() {}

    /** Fetches the packages that are missing. One test at a time. */
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

    /**
     * Runs a script of {@code package.json}, with the variables for servers that the launcher starts and more of the environment,
     * and returns its status.
     */
    static int script(String name, Map<String, String> more) throws IOException, InterruptedException {
        install();
        Path root = MODULE.getParent();
        Map<String, String> environment = new HashMap<>(more);
        environment.put("HELIODOR_SERVE", root.resolve("heliodor") + " serve");
        environment.put("HELIODOR_DEMO", root.resolve("heliodor") + " demo");
        environment.put("HELIODOR_TESTS", System.getProperty("heliodor.tests", "all"));
        environment.put("HELIODOR_KILLS", System.getProperty("heliodor.kills", "3"));
        environment.put("HELIODOR_LOSSES", System.getProperty("heliodor.losses", "5"));
        environment.put("HELIODOR_RESTARTS", System.getProperty("heliodor.restarts", "5"));
        ServerProcess.environment(environment);
        String fetched = System.getProperty("localRepository"); // set by Failsafe
        if (fetched != null) {
            environment.put("HELIODOR_REPOSITORY", fetched);
        }
        return run(environment, "npm", "run", name, "--silent");
    }

    /** Runs a command in this module, prints its output, and returns its status. */
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
