/**
 * A load tool for servers of the Phoenix protocol: clients that join, push and call at a rate, and what becomes of it.
 *
 * @incubating this package may change in any release of Heliodor
 */
@NullMarked
package io.heliodor.load;

import org.jspecify.annotations.NullMarked;
