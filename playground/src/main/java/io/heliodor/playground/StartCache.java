package io.heliodor.playground;

import java.util.Optional;

/** The start cache, as the launcher reports it to the JVM that it starts. */
final class StartCache {
    /** The variable of the environment in which the launcher puts its report. */
    static final String VARIABLE = "HELIODOR_CACHE";

    private StartCache() {}

    /** The line for people about the cache; empty if the launcher has nothing to report. */
    static Optional<String> line() {
        return Optional.ofNullable(System.getenv(VARIABLE))
                .filter(report -> !report.isEmpty())
                .map(report -> "heliodor: " + report);
    }
}
