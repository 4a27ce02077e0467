/** The rule for values that may be null, for the JSON of channels and of the cluster. Exported to modules of Heliodor only. */
package io.heliodor.type.nulls;
