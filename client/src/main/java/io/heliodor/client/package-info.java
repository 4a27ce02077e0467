/**
 * Channels of a server from another Java program: typed events and calls, presence, and what a client missed.
 *
 * <p>{@link io.heliodor.client.Client} is the connection, {@link io.heliodor.client.ClientChannel} one topic on it. Events and calls are
 * the constants that the server has, from a module that both depend on:
 *
 * {@snippet lang="java" :
 * Client client = Client.to(URI.create("wss://live.example.com/socket")).token(tokens::fresh).build();
 * ClientChannel ticket = client.channel("ticket:42", new Enter("ann"));
 * ticket.on(CHANGED, this::show);
 * ticket.join();
 * CallResult<Ticket, Reason> result = ticket.call(ASSIGN, to);
 * }
 *
 * @incubating this package may change in any release of Heliodor
 */
package io.heliodor.client;
