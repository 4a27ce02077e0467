/** Hostile clients for the playground server, the healthy clients next to them, and the measurements of these. */
package io.heliodor.interop.attack;
