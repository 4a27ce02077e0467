package io.heliodor.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** Tests on Node are tests of JUnit. */
class NodeTestsIT {
    private static final String FILE = "src/test/resources/sample.test.mjs";

    @Test
    void eachTestOnNodeIsATestAndARedOneIsNamed(@TempDir Path folder) throws Exception {
        Path results = folder.resolve("results");
        int status = NodePackages.run(
                Map.of("HELIODOR_RESULTS", results.toString()),
                "node",
                "--test",
                "--test-reporter=./results.mjs",
                FILE);
        assertThat(status).isOne();
        Map<String, DynamicTest> tests = new TreeMap<>();
        NodeTests.tests("node", status, Files.readAllLines(results))
                .forEach(test -> tests.put(test.getDisplayName(), test));
        assertThat(tests)
                .containsOnlyKeys(
                        FILE + " > a suite > fails",
                        FILE + " > a suite > is skipped",
                        FILE + " > a suite > passes",
                        FILE + " > a suite without its server",
                        FILE + " > a suite without its server > is not run",
                        FILE + " > passes alone");
        assertThat(outcome(tests, "a suite > passes")).isNull();
        assertThat(outcome(tests, "passes alone")).isNull();
        assertThat(outcome(tests, "a suite > is skipped"))
                .isInstanceOf(TestAbortedException.class)
                .hasMessageContaining("as it takes long");
        assertThat(outcome(tests, "a suite > fails"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll(FILE + " > a suite > fails", "1 !== 2");
        assertThat(outcome(tests, "a suite without its server"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("no server");
        assertThat(outcome(tests, "a suite without its server > is not run")).isInstanceOf(AssertionError.class);
    }

    @Test
    void aRunThatFailsWithoutARedTestIsRed() {
        List<DynamicTest> tests = NodeTests.tests("npm run test", 137, List.of());
        assertThat(tests)
                .singleElement()
                .satisfies(test -> assertThatThrownBy(test.getExecutable()::execute)
                        .hasMessage("npm run test ended with 137 after 0 tests"));
    }

    private static Throwable outcome(Map<String, DynamicTest> tests, String name) {
        return catchThrowable(tests.get(FILE + " > " + name).getExecutable()::execute);
    }
}
