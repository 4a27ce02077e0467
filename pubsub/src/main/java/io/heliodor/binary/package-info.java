/** Reading and writing of binary messages: numbers, texts and arrays, with checks of their lengths. */
@org.jspecify.annotations.NullMarked
package io.heliodor.binary;
