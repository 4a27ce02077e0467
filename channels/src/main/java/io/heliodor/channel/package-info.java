/**
 * The declarations of an application: sockets, channels, outcomes.
 *
 * <p>Start at {@link io.heliodor.channel.Channel}: what happens on the topics of one kind. A
 * {@link io.heliodor.channel.UserSocket} says who may connect and which channel serves which topics. An
 * {@link io.heliodor.event.Event} or {@link io.heliodor.event.Call} binds a name on the wire to the types of what
 * is said; handlers return an {@link io.heliodor.channel.Outcome}, and a {@link io.heliodor.channel.Context} is one
 * joined channel as its handlers see it.
 */
package io.heliodor.channel;
