package io.heliodor.interop.planted;

import io.heliodor.interop.planted.PlantedFault.TestRun;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs test methods in a process of its own, whose class path begins with the classes that have a fault. It writes a line for
 * each method into a file: {@code passed}, {@code assertion} with the message, or {@code error} with the exception.
 */
final class PlantedRun {
    static final String PASSED = "passed";
    static final String ASSERTION = "assertion ";
    static final String ERROR = "error ";

    private PlantedRun() {}

    /** The arguments are the file of results and the test methods. */
    public static void main(String[] arguments) throws Exception {
        Launcher launcher = LauncherFactory.create();
        List<String> results = new ArrayList<>();
        for (String argument : Arrays.asList(arguments).subList(1, arguments.length)) {
            results.add(run(launcher, TestRun.parse(argument).orElseThrow()));
        }
        Files.write(Path.of(arguments[0]), results);
        System.exit(0); // a fault may leave threads behind
    }

    private static String run(Launcher launcher, TestRun test) throws ClassNotFoundException {
        if (test.seed().isPresent()) {
            System.setProperty("heliodor.seed", Long.toString(test.seed().getAsLong()));
            int seeds = Math.max(test.seeds(), Integer.getInteger("heliodor.planted.seeds", 1));
            System.setProperty("heliodor.seeds", Integer.toString(seeds));
        } else {
            System.clearProperty("heliodor.seed");
            System.clearProperty("heliodor.seeds");
        }
        // Not initialized: a fault may break that, which is a result of the test.
        Class<?> type = Class.forName(test.type(), false, PlantedRun.class.getClassLoader());
        List<Method> methods = Arrays.stream(type.getDeclaredMethods())
                .filter(method -> method.getName().equals(test.method()) && !method.isSynthetic())
                .toList();
        Outcome outcome = new Outcome();
        launcher.execute(
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(methods.stream()
                                .map(method -> DiscoverySelectors.selectMethod(type, method))
                                .toList())
                        .build(),
                outcome);
        return outcome.result(test);
    }

    private static final class Outcome implements TestExecutionListener {
        private final List<Throwable> failures = new ArrayList<>();
        private int tests;

        @Override
        public synchronized void executionFinished(TestIdentifier test, TestExecutionResult result) {
            tests += test.isTest() ? 1 : 0;
            result.getThrowable().ifPresent(failures::add);
        }

        synchronized String result(TestRun test) {
            if (failures.isEmpty()) {
                return tests == 0 ? ERROR + test + " is not a test that runs" : PASSED;
            }
            return failures.stream()
                    .filter(Outcome::isAssertion)
                    .findFirst()
                    .map(failure -> ASSERTION + firstLine(failure))
                    .orElseGet(() -> ERROR + firstLine(failures.getFirst()));
        }

        /**
         * Awaitility has the assertion that did not hold in time as the cause, or in its message alone. A state throws another
         * exception for an invariant that does not hold.
         */
        private static boolean isAssertion(Throwable failure) {
            return failure instanceof AssertionError
                    || String.valueOf(failure.getMessage()).startsWith("Not true any more: ")
                    || failure.toString().contains("ConditionTimeoutException: Assertion condition")
                    || (failure.getCause() != null && isAssertion(failure.getCause()));
        }

        private static String firstLine(Throwable failure) {
            return failure.toString()
                    .lines()
                    .limit(3)
                    .reduce("", (all, line) -> all + " " + line.strip())
                    .strip();
        }
    }
}
