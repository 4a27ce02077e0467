/** The frames of version 2.0.0 of the Phoenix protocol, as a client reads and writes them. No state, no threads. */
package io.heliodor.client.wire;
