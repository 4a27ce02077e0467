/** Counters, observers and the log context of an endpoint. */
package io.heliodor.session.telemetry;
