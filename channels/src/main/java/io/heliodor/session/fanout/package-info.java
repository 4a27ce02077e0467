/** Broadcasts to the members of topics. */
package io.heliodor.session.fanout;
