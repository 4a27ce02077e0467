package io.heliodor.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.TestInfo;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.grading.GradingResult;
import org.openjdk.jcstress.infra.runners.TestList;

/** Runs the tests of this module with jcstress, and reports each as a test of its own. */
@Tag("long")
class StressIT {
    /** The time for all tests. It is divided between them. */
    private static final Duration TIME = Duration.parse(System.getProperty("heliodor.stress", "PT30S"));

    /** Whether each test runs under each compiler and combination of compilers, or in one JVM as it is in production. */
    private static final boolean ALL_COMPILERS =
            System.getProperty("heliodor.stress.compilers", "tiered").equals("all");

    /** Selects tests by their names: a regular expression. */
    private static final String SELECTED = System.getProperty("heliodor.stress.tests", ".*");

    /** The start of jcstress, which finds out the options of the JVM. */
    private static final Duration START = Duration.ofSeconds(6);

    /** The start of a JVM, and its first pass, in which it finds the size of its batches. */
    private static final Duration JVM_START = Duration.ofSeconds(2);

    /** The JVMs for a test with two actors under all compilers and pairs of them. */
    private static final int ALL_JVMS = 34;

    private static final int ITERATIONS = 2;
    private static final Path FOLDER = Path.of("target", "stress").toAbsolutePath();

    @TestFactory
    Stream<DynamicTest> races() throws Exception {
        List<String> names = TestList.tests().stream()
                .filter(name -> name.matches(SELECTED))
                .sorted()
                .toList();
        assertThat(names).as("the tests that match " + SELECTED).isNotEmpty();
        int status = run(names.size());
        Map<String, List<TestResult>> results = results().stream().collect(Collectors.groupingBy(TestResult::getName));
        List<DynamicTest> tests = new ArrayList<>();
        tests.add(DynamicTest.dynamicTest(
                "jcstress",
                () -> assertThat(new TreeSet<>(results.keySet()))
                        .as("the tests that ran; jcstress ended with status " + status + ", see " + FOLDER)
                        .containsExactlyElementsOf(names)));
        for (String name : names) {
            tests.add(DynamicTest.dynamicTest(
                    name.replaceFirst(".*\\.(\\w+\\.\\w+)", "$1"),
                    () -> assertThat(faults(results.getOrDefault(name, List.of())))
                            .as(name)
                            .isEmpty()));
        }
        return tests.stream();
    }

    private static int run(int tests) throws IOException, InterruptedException {
        delete(FOLDER);
        Files.createDirectories(FOLDER);
        int jvms = ALL_COMPILERS ? ALL_JVMS : 1;
        Duration each = TIME.minus(START)
                .dividedBy((long) tests * jvms)
                .minus(JVM_START)
                .dividedBy(ITERATIONS);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "org.openjdk.jcstress.Main",
                "-v",
                "-t",
                SELECTED,
                "-f",
                "1",
                "-iters",
                Integer.toString(ITERATIONS),
                "-time",
                Long.toString(Math.max(100, each.toMillis())),
                "-jvmArgsPrepend",
                "--add-opens=java.base/java.lang=ALL-UNNAMED"));
        if (!ALL_COMPILERS) {
            command.addAll(List.of("-sc", "false", "-jvmArgs", "-XX:+UseSerialGC"));
        }
        Process process = new ProcessBuilder(command)
                .directory(FOLDER.toFile())
                .redirectErrorStream(true)
                .redirectOutput(FOLDER.resolve("jcstress.log").toFile())
                .start();
        try {
            boolean ended = process.waitFor(
                    TIME.multipliedBy(4).toSeconds() + 300, TimeUnit.SECONDS); // a hang alone takes so long
            assertThat(ended).as("jcstress has ended in time, see " + FOLDER).isTrue();
            return process.exitValue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }

    private static Collection<TestResult> results() throws Exception {
        InProcessCollector results = new InProcessCollector();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(FOLDER, "*.bin.gz")) {
            for (Path file : files) {
                DiskReadCollector reader = new DiskReadCollector(file.toString(), results);
                reader.dump();
                reader.close();
            }
        }
        return results.getTestResults();
    }

    /** The faults of a test, each with the outcome, its number and the JVM. */
    private static List<String> faults(List<TestResult> results) {
        List<String> faults = new ArrayList<>();
        if (results.stream().mapToLong(TestResult::getTotalCount).sum() == 0) {
            faults.add("it has not run");
        }
        for (TestResult result : results) {
            String jvm = " in a JVM with " + result.getConfig().jvmArgs;
            if (result.status() != Status.NORMAL) {
                faults.add(result.status() + jvm + ": " + result.getMessages() + " " + result.getVmErr());
            }
            TestInfo test = TestList.getInfo(result.getName());
            assertThat(test).isNotNull();
            for (GradingResult outcome : result.grading().gradingResults.values()) {
                if (outcome.expect == Expect.FORBIDDEN && outcome.count > 0) {
                    faults.add("\"" + outcome.id + "\" " + outcome.count + " times of " + result.getTotalCount() + jvm);
                }
            }
            if (faults.isEmpty() && !result.grading().isPassed) {
                faults.addAll(result.grading().failureMessages);
            }
        }
        return faults;
    }
}
