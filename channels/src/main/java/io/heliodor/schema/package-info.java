/**
 * JSON Schemas as values.
 *
 * @incubating this package may change in any release of Heliodor
 */
package io.heliodor.schema;
