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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final List<String> MODULES =
            List.of("fixtures", "contract", "pubsub", "presence", "cluster", "testkit", "channels");

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
        List<DynamicTest> tests = new ArrayList<>();
        try (ExecutorService twoAtOnce = Executors.newFixedThreadPool(2)) {
            Future<List<String>> sound = twoAtOnce.submit(() -> withoutFaults(faults));
            List<Future<String>> results = new ArrayList<>();
            faults.forEach(fault -> results.add(twoAtOnce.submit(() -> result(fault))));
            for (int i = 0; i < faults.size(); i++) {
                PlantedFault fault = faults.get(i);
                Future<String> result = results.get(i);
                tests.add(dynamicTest(
                        fault.toString(),
                        () -> assertThat(result.get())
                                .as(fault + ", by " + fault.test())
                                .startsWith(PlantedRun.ASSERTION)));
            }
            tests.add(
                    dynamicTest("without a fault", () -> assertThat(sound.get()).containsOnly(PlantedRun.PASSED)));
        }
        return tests.stream();
    }

    /** Another part with each change of the table. */
    private static int part(String text) {
        return Math.floorMod(text.hashCode(), PARTS);
    }

    /** The results of the tests of all faults on the classes without a fault. */
    private List<String> withoutFaults(List<PlantedFault> faults) throws Exception {
        List<TestRun> runs = faults.stream().map(PlantedFault::test).distinct().toList();
        List<String> results = run("sound", classPath(), runs, PROCESS_SECONDS + 10 * runs.size(), 1);
        List<String> red = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            red.add(results.get(i).equals(PlantedRun.PASSED) ? PlantedRun.PASSED : runs.get(i) + ": " + results.get(i));
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
        String path = classes + File.pathSeparator + classPath();
        String result =
                run(fault.id(), path, List.of(fault.test()), PROCESS_SECONDS, 1).getFirst();
        int seeds = Integer.getInteger("heliodor.seeds", 1);
        if (!result.equals(PlantedRun.PASSED) || fault.test().seed().isEmpty() || seeds == 1) {
            return result;
        }
        TestRun search = TestRun.parse(fault.test().type() + "#" + fault.test().method() + " seed 0")
                .orElseThrow();
        return PlantedRun.PASSED + " with the recorded seed; all seeds: "
                + run(fault.id(), path, List.of(search), SEARCH_SECONDS, seeds).getFirst();
    }

    private static Optional<String> compile(PlantedFault fault, Path classes) throws IOException {
        String text = fault.mutated(ROOT);
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
        List<String> options =
                List.of("-d", classes.toString(), "-cp", classPath(), "-proc:none", "-implicit:none", "-nowarn");
        boolean compiled = compiler.getTask(output, null, null, options, null, List.of(source))
                .call();
        return compiled ? Optional.empty() : Optional.of(output.toString());
    }

    private List<String> run(String name, String classPath, List<TestRun> tests, int seconds, int seeds)
            throws Exception {
        Path own = Files.createDirectories(folder.resolve(name));
        Files.createDirectories(own.resolve("target")); // jqwik writes there
        Path results = own.resolve("results");
        Files.deleteIfExists(results);
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx512m",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.util=ALL-UNNAMED",
                "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
                "-Dheliodor.planted.seeds=" + seeds,
                "-Dheliodor.shrink=0",
                "-cp",
                classPath,
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

    /** The tests and classes of all modules, then the libraries. */
    private static String classPath() {
        Stream<String> modules = MODULES.stream()
                .flatMap(module -> Stream.of("test-classes", "classes")
                        .map(classes -> ROOT.resolve(module, "target", classes).toString()));
        String own = Path.of("target", "test-classes").toAbsolutePath().toString();
        Stream<String> libraries = Stream.of(
                        System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.endsWith(".jar")
                        && !Path.of(entry).getFileName().toString().startsWith("heliodor-"));
        return Stream.of(modules, Stream.of(own), libraries)
                .flatMap(each -> each)
                .collect(Collectors.joining(File.pathSeparator));
    }
}
