package io.heliodor.spring.boot;

import io.heliodor.endpoint.PortInUseException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Prints a port that another process uses. */
final class PortFailureAnalyzer extends AbstractFailureAnalyzer<PortInUseException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, PortInUseException cause) {
        return new FailureAnalysis(
                "Heliodor was configured to listen on port " + cause.port() + ", which another process uses.",
                "Stop the process that listens on port " + cause.port()
                        + ", or set the property heliodor.port to another port; 0 takes a free one.",
                cause);
    }
}
