/**
 * Small programs and the snippets of the documents: what stands between the marks of a region there is printed in a
 * document, and a test compares the two.
 */
@org.jspecify.annotations.NullMarked
package io.heliodor.examples;
