/** Calls named procedures on other nodes. */
package io.heliodor.rpc;
