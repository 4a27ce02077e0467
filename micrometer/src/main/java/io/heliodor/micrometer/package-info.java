/** The metrics of endpoints and nodes as Micrometer meters, and their handlers as observations. */
package io.heliodor.micrometer;
