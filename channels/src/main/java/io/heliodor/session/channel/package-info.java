/** Channels: their state on the wire, their mailboxes, and the calls of their handlers. */
package io.heliodor.session.channel;
