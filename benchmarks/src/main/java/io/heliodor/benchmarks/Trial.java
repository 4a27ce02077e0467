package io.heliodor.benchmarks;

import java.util.Map;
import java.util.function.Supplier;

/**
 * A repeatable measurement.
 *
 * @param name of the subcommand
 * @param counted what arrives, in the plural
 * @param settings all options as they are in force
 * @param plan what the loop does
 * @param scenario makes the scenario of one run
 */
record Trial(String name, String counted, Map<String, Object> settings, Plan plan, Supplier<Scenario> scenario) {}
