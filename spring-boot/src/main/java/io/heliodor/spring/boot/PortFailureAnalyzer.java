package io.heliodor.spring.boot;

import io.heliodor.endpoint.PortInUseException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;

/** Prints a port that another process uses, or the web server of this one. */
final class PortFailureAnalyzer extends AbstractFailureAnalyzer<PortInUseException> {
    private final Environment environment;

    PortFailureAnalyzer(Environment environment) {
        this.environment = environment;
    }

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, PortInUseException cause) {
        if (cause.port() == environment.getProperty("local.server.port", Integer.class, 0)) {
            return new FailureAnalysis(
                    "Heliodor was configured to listen on port " + cause.port()
                            + ", on which the web server of this application listens.",
                    "Set the property heliodor.port to another port than server.port, 4000 for example.",
                    cause);
        }
        return new FailureAnalysis(
                "Heliodor was configured to listen on port " + cause.port() + ", which another process uses.",
                "Stop the process that listens on port " + cause.port()
                        + ", or set the property heliodor.port to another port; 0 takes a free one.",
                cause);
    }
}
