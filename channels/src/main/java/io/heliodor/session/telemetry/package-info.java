/** Counters, observers, audit events and the log context of an endpoint. */
package io.heliodor.session.telemetry;
