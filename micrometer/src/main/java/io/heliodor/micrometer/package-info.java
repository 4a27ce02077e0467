/** Gives the numbers of endpoints and nodes to a metrics system, by Micrometer. */
package io.heliodor.micrometer;
