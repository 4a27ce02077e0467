/** A registry of the objects in this JVM that serve one pub/sub. */
package io.heliodor.directory;
