/** Finds the parts of this JVM that serve one pub/sub. */
package io.heliodor.directory;
