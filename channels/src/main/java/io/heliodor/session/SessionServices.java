package io.heliodor.session;

import io.heliodor.limit.RateLimits;
import io.heliodor.session.budget.EndpointBudget;
import io.heliodor.session.budget.IdRates;
import io.heliodor.session.channel.ChannelServices;
import io.heliodor.session.telemetry.Counters;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;

/**
 * The parts of an endpoint that its sessions share. Any thread may use it.
 *
 * @param rates the rates of each connection
 * @param wallClock for times until which connections are valid
 * @param channels the parts that their channels share
 * @param idRates the rates that the connections of an id share
 * @param log the log about sessions that the server ends
 * @param tap notes frames for traces
 * @param draining whether the endpoint accepts no joins any more
 */
record SessionServices(
        RateLimits rates,
        InstantSource wallClock,
        ChannelServices channels,
        IdRates idRates,
        SessionLog log,
        FrameTap tap,
        BooleanSupplier draining) {
    EndpointBudget budget() {
        return channels.budget();
    }

    Counters counters() {
        return channels.budget().counters();
    }
}
