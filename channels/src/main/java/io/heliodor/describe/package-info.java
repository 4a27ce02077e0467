/**
 * The contract of a socket as a value, and the documents that are made of it: JSON, TypeScript and AsyncAPI.
 *
 * <p>{@link io.heliodor.describe.SocketContract#of} makes one; {@link io.heliodor.describe.ContractFiles} writes its documents, and checks
 * in a test that the committed ones are up to date.
 *
 * @incubating this package may change in any release of Heliodor
 */
package io.heliodor.describe;
