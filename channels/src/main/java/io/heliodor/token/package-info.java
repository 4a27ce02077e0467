/**
 * Signs what a client shall bring back unchanged, and tells whether it did.
 *
 * <p>Begin with {@link io.heliodor.token.Tokens}.
 */
package io.heliodor.token;
