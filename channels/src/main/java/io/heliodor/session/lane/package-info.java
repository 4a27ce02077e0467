/** Event loops, their queues, and the outbox and flow control of each connection. */
package io.heliodor.session.lane;
