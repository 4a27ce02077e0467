/** Encodes values of users for other nodes, and decodes them. */
package io.heliodor.codec;
