/** Turns values of users into bytes and back, when they go from one node to another. */
package io.heliodor.codec;
