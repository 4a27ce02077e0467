/** Java types with their type arguments. */
package io.heliodor.type;
