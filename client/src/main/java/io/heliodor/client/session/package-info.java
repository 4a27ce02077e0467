/**
 * The decisions of a client: what is sent, joined, repeated and given up. Pure: the time is an argument, chance is a generator, and all
 * output goes to {@link io.heliodor.client.session.Effects}. One thread at a time.
 */
package io.heliodor.client.session;
