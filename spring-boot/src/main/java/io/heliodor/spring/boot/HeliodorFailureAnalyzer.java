package io.heliodor.spring.boot;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Prints a misconfiguration as a description and an action, without a stack trace. */
final class HeliodorFailureAnalyzer extends AbstractFailureAnalyzer<HeliodorConfigurationException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, HeliodorConfigurationException cause) {
        return new FailureAnalysis(cause.getMessage(), cause.action(), cause);
    }
}
