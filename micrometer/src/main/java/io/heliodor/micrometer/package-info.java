/** Gives the numbers of an endpoint to a metrics system, by Micrometer. */
package io.heliodor.micrometer;
