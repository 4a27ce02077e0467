/** Work that wakes other threads at its end. */
@org.jspecify.annotations.NullMarked
package io.heliodor.batch;
