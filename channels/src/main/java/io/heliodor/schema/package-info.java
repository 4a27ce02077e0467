/** JSON Schemas as values. */
package io.heliodor.schema;
