/** Work that wakes other threads at its end, and queues whose elements are taken one at a time. */
@org.jspecify.annotations.NullMarked
package io.heliodor.batch;
