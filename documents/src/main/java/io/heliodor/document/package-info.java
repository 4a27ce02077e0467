/**
 * Shared documents of Yjs: their channel, and the store of their updates.
 *
 * @incubating this package may change in any release of Heliodor
 */
package io.heliodor.document;
