package io.heliodor.interop.planted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.heliodor.interop.planted.PlantedFault.TestRun;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each planted fault is found by its test: the source with the fault is compiled, and the test fails in a process whose class
 * path begins with these classes. See {@code docs/design/planted-faults.md}.
 *
 * <p>A twelfth of them runs, another one with each change of the table; with a size of the tests that sets {@code heliodor.seeds} all
 * do. {@code -Dheliodor.planted=raft} runs only those whose id contains that, a regular expression. A size of the tests that sets {@code heliodor.seeds}
 * searches another seed if the recorded one does not find its fault.
 */
@Tag("long")
class PlantedFaultsIT {
    /** The jar that starts tests, which a module does not need for its own. */
    private static final String LAUNCHER = Stream.of(
                    System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> entry.contains("junit-platform-launcher"))
            .findFirst()
            .orElseThrow();

    /** Of a process with one test; a fault may make it endless. */
    private static final int PROCESS_SECONDS = 300;

    private static final int SEARCH_SECONDS = 1_200;

    /** All faults take ten minutes of a machine that runs other tests, too. */
    private static final int PARTS = 12;

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> eachFaultIsFound() throws Exception {
        Pattern ids = Pattern.compile(System.getProperty("heliodor.planted", ""));
        String table = Files.readString(PlantedFault.TABLE);
        boolean some = ids.pattern().isEmpty() && System.getProperty("heliodor.seeds") == null;
        List<PlantedFault> faults = PlantedFault.parse(table).stream()
                .filter(fault -> ids.matcher(fault.id()).find())
                .filter(fault -> !some || part(fault.id()) == part(table))
                .toList();
        copyRunner();
        List<DynamicTest> tests = new ArrayList<>();
        try (ExecutorService twoAtOnce = Executors.newFixedThreadPool(2)) {
            Map<SourceModule, List<TestRun>> byModule = new LinkedHashMap<>();
            for (PlantedFault fault : faults) {
                List<TestRun> runs = byModule.computeIfAbsent(fault.test().module(), module -> new ArrayList<>());
                if (!runs.contains(fault.test())) {
                    runs.add(fault.test());
                }
            }
            byModule.forEach((module, runs) -> tests.add(test(
                    "without a fault, in " + module,
                    twoAtOnce.submit(() -> withoutFaults(module, runs)),
                    red -> assertThat(red).isEmpty())));
            faults.forEach(fault -> tests.add(test(
                    fault.toString(),
                    twoAtOnce.submit(() -> result(fault)),
                    result -> assertThat(result)
                            .as(fault + ", by " + fault.test())
                            .startsWith(PlantedRun.ASSERTION))));
        }
        return tests.stream();
    }

    private static <T> DynamicTest test(String name, Future<T> result, Consumer<T> check) {
        return dynamicTest(name, () -> check.accept(result.get()));
    }

    /** Of this module the processes need the runner only: its other resources configure JUnit for this module. */
    private void copyRunner() throws Exception {
        Path classes = Path.of(PlantedRun.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path inside = Path.of(PlantedRun.class.getPackageName().replace('.', '/'));
        Path copies = Files.createDirectories(folder.resolve("runner").resolve(inside));
        try (Stream<Path> files = Files.list(classes.resolve(inside))) {
            for (Path file : files.toList()) {
                Files.copy(file, copies.resolve(file.getFileName()));
            }
        }
    }

    /** Another part with each change of the table. */
    private static int part(String text) {
        return Math.floorMod(text.hashCode(), PARTS);
    }

    /** Those tests of a module that are red on the classes without a fault, with their results. */
    private List<String> withoutFaults(SourceModule module, List<TestRun> runs) throws Exception {
        List<String> results = run("sound-" + module, module, "", runs, PROCESS_SECONDS + 10 * runs.size(), 1);
        List<String> red = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            if (!results.get(i).equals(PlantedRun.PASSED)) {
                red.add(runs.get(i) + ": " + results.get(i));
            }
        }
        return red;
    }

    /** The result of the test of a fault. */
    private String result(PlantedFault fault) throws Exception {
        Path classes = Files.createDirectories(folder.resolve(fault.id()).resolve("classes"));
        Optional<String> problem = compile(fault, classes);
        if (problem.isPresent()) {
            return PlantedRun.ERROR + "It does not compile: " + problem.get();
        }
        String changed = classes + File.pathSeparator;
        SourceModule module = fault.test().module();
        String result = run(fault.id(), module, changed, List.of(fault.test()), PROCESS_SECONDS, 1)
                .getFirst();
        int seeds = Integer.getInteger("heliodor.seeds", 1);
        if (!result.equals(PlantedRun.PASSED) || fault.test().seed().isEmpty() || seeds == 1) {
            return result;
        }
        TestRun search = TestRun.parse(fault.test().type() + "#" + fault.test().method() + " seed 0")
                .orElseThrow();
        return PlantedRun.PASSED + " with the recorded seed; all seeds: "
                + run(fault.id(), module, changed, List.of(search), SEARCH_SECONDS, seeds)
                        .getFirst();
    }

    private static Optional<String> compile(PlantedFault fault, Path classes) throws IOException {
        String text = fault.mutated(SourceModule.ROOT);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter output = new StringWriter();
        var source =
                new SimpleJavaFileObject(
                        URI.create("string:///" + fault.source().getFileName()), SimpleJavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return text;
                    }
                };
        List<String> options = List.of(
                "-d", classes.toString(), "-cp", fault.module().classPath(), "-proc:none", "-implicit:none", "-nowarn");
        boolean compiled = compiler.getTask(output, null, null, options, null, List.of(source))
                .call();
        return compiled ? Optional.empty() : Optional.of(output.toString());
    }

    /**
     * Runs tests of a module in a process of its own.
     *
     * @param changed the beginning of its class path
     */
    private List<String> run(
            String name, SourceModule module, String changed, List<TestRun> tests, int seconds, int seeds)
            throws Exception {
        Path own = Files.createDirectories(folder.resolve(name.replace('/', '-')));
        Files.createDirectories(own.resolve("target")); // jqwik writes there
        Path results = own.resolve("results");
        Files.deleteIfExists(results);
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx512m",
                "-Dheliodor.planted.seeds=" + seeds,
                "-Dheliodor.shrink=0"));
        command.addAll(module.jvmOptions());
        command.addAll(List.of(
                "-cp",
                changed
                        + module.classPath()
                        + File.pathSeparator
                        + folder.resolve("runner")
                        + File.pathSeparator
                        + LAUNCHER,
                PlantedRun.class.getName(),
                results.toString()));
        tests.forEach(test -> command.add(test.toString()));
        Path output = own.resolve("output");
        Process process = new ProcessBuilder(command)
                .directory(own.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                return List.of(PlantedRun.ERROR + "the process has not ended within " + seconds + " s");
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        return Files.exists(results)
                ? Files.readAllLines(results)
                : fail("%s ended with %d:\n%s", name, process.exitValue(), Files.readString(output));
    }
}
