package io.heliodor.micrometer;

import io.heliodor.pubsub.Correlation;
import io.micrometer.observation.Observation;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import java.util.Optional;

/** The trace context of the span of an observation, as other nodes get it. */
final class SpanTrace {
    private static final int TRACE_DIGITS = 32;
    private static final int SPAN_DIGITS = 16;

    /** Whether the application has Micrometer Tracing. Without it there are no spans. */
    private static final boolean AVAILABLE = isPresent("io.micrometer.tracing.handler.TracingObservationHandler");

    private SpanTrace() {}

    private static boolean isPresent(String name) {
        try {
            Class<?> _ = Class.forName(name, false, SpanTrace.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** The trace context of an observation that was started; empty if it has no span. */
    static Optional<Correlation.Trace> of(Observation observation) {
        return AVAILABLE ? Spans.of(observation) : Optional.empty();
    }

    /** Loaded with Micrometer Tracing only. */
    private static final class Spans {
        private Spans() {}

        static Optional<Correlation.Trace> of(Observation observation) {
            TracingContext tracing = observation.getContext().get(TracingContext.class);
            Span span = tracing == null ? null : tracing.getSpan();
            return span == null ? Optional.empty() : of(span.context());
        }

        private static Optional<Correlation.Trace> of(TraceContext span) {
            String trace = span.traceId();
            // Brave has traces of 64 bits, too. A tracer that does nothing has empty ids.
            if (trace.isEmpty()
                    || trace.length() > TRACE_DIGITS
                    || span.spanId().length() != SPAN_DIGITS) {
                return Optional.empty();
            }
            String sampled = Boolean.TRUE.equals(span.sampled()) ? "01" : "00";
            return Optional.of(new Correlation.Trace(
                    "00-" + "0".repeat(TRACE_DIGITS - trace.length()) + trace + "-" + span.spanId() + "-" + sampled,
                    ""));
        }
    }
}
