/**
 * Small programs and the fragments of the documents. A document prints the lines between the marks of a region, and a
 * test compares the two.
 */
@org.jspecify.annotations.NullMarked
package io.heliodor.examples;
