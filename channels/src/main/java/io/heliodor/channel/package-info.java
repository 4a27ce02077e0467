/**
 * The declarations of an application: sockets, channels, outcomes.
 *
 * <p>Start at {@link io.heliodor.channel.Channel}, the handlers of the topics of one kind. A {@link io.heliodor.channel.UserSocket} has the
 * handler of connection requests, and maps topics to channels. An {@link io.heliodor.event.Event} or {@link io.heliodor.event.Call} binds
 * a name on the wire to the types of its payloads. Handlers return an {@link io.heliodor.channel.Outcome}. A
 * {@link io.heliodor.channel.Context} is one joined channel.
 */
package io.heliodor.channel;
