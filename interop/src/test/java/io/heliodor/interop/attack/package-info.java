/** Hostile clients for the playground server, the healthy clients beside them, and the measure of what these notice. */
package io.heliodor.interop.attack;
