/** The socket of the Java client over OkHttp. */
@NullMarked
package io.heliodor.client.okhttp;

import org.jspecify.annotations.NullMarked;
