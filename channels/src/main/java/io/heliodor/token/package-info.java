/**
 * Signed, expiring tokens.
 *
 * <p>Start at {@link io.heliodor.token.Tokens}.
 */
package io.heliodor.token;
