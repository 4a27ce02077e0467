/**
 * The socket of the Java client over OkHttp.
 *
 * @incubating this package may change in any release of Heliodor
 */
@NullMarked
package io.heliodor.client.okhttp;

import org.jspecify.annotations.NullMarked;
