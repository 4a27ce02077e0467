/** Broadcasts to the members of topics, and the histories of topics. */
package io.heliodor.session.fanout;
