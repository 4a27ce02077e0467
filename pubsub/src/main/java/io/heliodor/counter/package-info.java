/** Counters, one for each constant of an enum. */
@org.jspecify.annotations.NullMarked
package io.heliodor.counter;
