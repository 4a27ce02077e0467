/** The metrics of endpoints and nodes as Micrometer meters. */
package io.heliodor.micrometer;
