/** Verification of JSON Web Tokens: those of an identity provider (OIDC), or of keys of your own. */
package io.heliodor.jwt;
