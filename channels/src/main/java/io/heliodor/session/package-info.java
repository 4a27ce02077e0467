/**
 * Sessions of clients: dispatch of frames to channels, timeouts, and the end of connections.
 *
 * <p>Start at {@link io.heliodor.session.Session}. {@link io.heliodor.session.LaneSessions} are the sessions of one event
 * loop. The transport implements {@link io.heliodor.session.lane.Loop} and {@link io.heliodor.session.lane.Connection}.
 */
package io.heliodor.session;
