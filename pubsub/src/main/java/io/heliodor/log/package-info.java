/** Log lines that clients and peers can cause, at a bounded rate. */
@org.jspecify.annotations.NullMarked
package io.heliodor.log;
