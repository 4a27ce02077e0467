/** Things with an inbox, wherever they live: spawn, send, call, monitor, supervise. */
package io.heliodor.process;
