/** Files with secrets, and whether other users of the machine may read or write them. */
@org.jspecify.annotations.NullMarked
package io.heliodor.secret;
