package io.heliodor.interop;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import tools.jackson.databind.json.JsonMapper;

/** The tests of a script of {@code package.json}, each as a test of JUnit. */
final class NodeTests {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** A line of {@code results.mjs}. */
    record Result(String file, String name, Status status, String reason, String failure) {
        enum Status {
            PASSED,
            FAILED,
            SKIPPED
        }

        DynamicTest test() {
            String test = file + " > " + name;
            return dynamicTest(test, () -> {
                switch (status) {
                    case PASSED -> {}
                    case FAILED -> fail(test + ": " + failure);
                    case SKIPPED -> Assumptions.abort(test + ": " + reason);
                }
            });
        }
    }

    private NodeTests() {}

    /** Runs a script and returns its tests, which have ended then. */
    static List<DynamicTest> of(String script) throws IOException, InterruptedException {
        return of(script, Map.of());
    }

    /** The same with more variables of the environment. */
    static List<DynamicTest> of(String script, Map<String, String> more) throws IOException, InterruptedException {
        Path results = Files.createDirectories(NodePackages.MODULE.resolve("target/node"))
                .resolve(script.replace(':', '-') + ".jsonl");
        Files.deleteIfExists(results);
        Map<String, String> environment = new HashMap<>(more);
        environment.put("HELIODOR_RESULTS", results.toString());
        int status = NodePackages.script(script, environment);
        return tests("npm run " + script, status, Files.exists(results) ? Files.readAllLines(results) : List.of());
    }

    /** The tests of these lines; one more is red if the command has failed without a red test, or ran none. */
    static List<DynamicTest> tests(String command, int status, List<String> lines) {
        List<Result> results =
                lines.stream().map(line -> JSON.readValue(line, Result.class)).toList();
        List<DynamicTest> tests =
                new ArrayList<>(results.stream().map(Result::test).toList());
        boolean red = results.stream().anyMatch(result -> result.status() == Result.Status.FAILED);
        if (results.isEmpty() || (status != 0 && !red)) {
            tests.add(dynamicTest(
                    command, () -> fail("%s ended with %d after %d tests".formatted(command, status, results.size()))));
        }
        return tests;
    }
}
